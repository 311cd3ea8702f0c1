// Timers, worker threads, child processes, files, crypto, compression, http and sockets. Arguments: folder.
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const { execFile, execFileSync, spawn, fork } = require('child_process');
const assert = require('assert'), crypto = require('crypto'), fs = require('fs'), http = require('http'), net = require('net'),
  path = require('path'), zlib = require('zlib'), util = require('util'), events = require('events');

if (!isMainThread) {
  const shared = new Int32Array(workerData.shared);
  for (let i = 0; i < 1000; i++) Atomics.add(shared, 0, 1);
  let garbage = [];
  for (let i = 0; i < 20000; i++) garbage[i % 100] = { i, text: 'x'.repeat(50) };
  parentPort.postMessage({ id: workerData.id, sum: garbage.length });
} else if (process.argv[3] === 'child') {
  process.on('message', m => { process.send({ echo: m }); process.disconnect(); });
} else {
  main(process.argv[2]).then(() => process.exit(8), e => { console.log(e); process.exit(9); });
}

async function timers() {
  const order = [];
  await new Promise(done => {
    setTimeout(() => order.push('timeout'), 0);
    setImmediate(() => order.push('immediate'));
    process.nextTick(() => order.push('tick'));
    Promise.resolve().then(() => order.push('promise'));
    let n = 0;
    const interval = setInterval(() => { if (++n === 4) { clearInterval(interval); done(); } }, 5);
  });
  console.log('timers', order.slice(0, 2), order.length);
}

async function workers() {
  const shared = new SharedArrayBuffer(4);
  const answers = await Promise.all([0, 1, 2, 3].map(id => events.once(new Worker(__filename, { workerData: { id, shared } }), 'message')));
  console.log('workers', answers.map(([m]) => m.id), new Int32Array(shared)[0]);
}

async function processes() {
  console.log('sync', execFileSync('sh', ['-c', 'echo out'], { encoding: 'utf8' }).trim());
  const failed = await util.promisify(execFile)('sh', ['-c', 'echo bad >&2; exit 3']).catch(e => e);
  console.log('status', failed.code, failed.stderr.trim());
  const cat = spawn('cat');
  let bytes = 0;
  cat.stdout.on('data', d => { bytes += d.length; });
  cat.stdin.end('z'.repeat(300000));
  const [code] = await events.once(cat, 'close');
  console.log('cat', bytes, code);
  const sleep = spawn('sleep', ['60']);
  sleep.kill();
  console.log('killed', (await events.once(sleep, 'exit'))[1]);
  const child = fork(__filename, [process.argv[2], 'child']);
  child.send({ a: [1, 2] });
  const [message] = await events.once(child, 'message');
  await events.once(child, 'exit');
  console.log('fork', JSON.stringify(message));
  const missing = await new Promise(done => spawn('/nowhere').on('error', done));
  console.log('missing', missing.code);
}

async function files(folder) {
  const name = path.join(folder, 'file');
  await fs.promises.writeFile(name, 'line\n'.repeat(50000));
  let lines = 0;
  for await (const part of fs.createReadStream(name)) lines += part.toString().split('\n').length - 1;
  fs.renameSync(name, name + '2');
  console.log('files', lines, fs.readdirSync(folder), fs.existsSync(name), fs.statSync(name + '2').size);
  const zipped = zlib.gzipSync(fs.readFileSync(name + '2'));
  console.log('zlib', (await util.promisify(zlib.gunzip)(zipped)).length);
}

async function secrets() {
  console.log('hash', crypto.createHash('sha256').update('text').digest('hex').slice(0, 16));
  console.log('pbkdf2', (await util.promisify(crypto.pbkdf2)('password', 'salt', 1000, 8, 'sha512')).toString('hex'));
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  console.log('ecdsa', crypto.verify('sha256', Buffer.from('m'), publicKey, crypto.sign('sha256', Buffer.from('m'), privateKey)));
  console.log('random', crypto.randomBytes(16).length);
}

async function network() {
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', d => { body += d; });
    request.on('end', () => response.end(`${request.method} ${request.url} ${body.length}`));
  }).listen(0, '127.0.0.1');
  await events.once(server, 'listening');
  const ask = n => new Promise((done, fail) => {
    const request = http.request({ port: server.address().port, host: '127.0.0.1', path: '/' + n, method: 'POST' }, response => {
      let text = '';
      response.on('data', d => { text += d; });
      response.on('end', () => done(text));
    });
    request.on('error', fail);
    request.end('b'.repeat(n * 1000));
  });
  console.log('http', await Promise.all([1, 2, 3, 20].map(ask)));
  server.closeAllConnections();
  server.close();
  const name = path.join(process.argv[2], 'socket');
  const local = net.createServer(c => c.pipe(c)).listen(name);
  await events.once(local, 'listening');
  const c = net.connect(name);
  c.end('local');
  const [data] = await events.once(c, 'data');
  local.close();
  console.log('local', data.toString());
}

function engine() {
  const f = x => x === 0 ? 0 : 1 + f(x - 1);
  assert.throws(() => f(1e7), RangeError);
  let n = 0;
  for (let i = 0; i < 3e6; i++) n = (n * 31 + i) | 0; // compiled while it runs
  const grown = [];
  for (let i = 0; i < 200000; i++) grown.push({ i });
  console.log('engine', n, grown.length, typeof WebAssembly, new Intl.NumberFormat('en').format(1234567));
}

async function main(folder) {
  await timers();
  await workers();
  await processes();
  await files(folder);
  await secrets();
  await network();
  engine();
}
