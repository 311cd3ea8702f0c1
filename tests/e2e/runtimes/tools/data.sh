# openssl, sqlite3, ssh-keygen, curl. Arguments: folder.
cd "$1" || exit 99
if command -v openssl >/dev/null; then
    echo text >plain
    openssl dgst -sha256 plain; openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -in plain -out secret && openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:x -in secret
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key 2>/dev/null && openssl pkey -in key -pubout -out public
    openssl dgst -sha256 -sign key -out signature plain && openssl dgst -sha256 -verify public -signature signature plain
    openssl req -x509 -new -key key -subj /CN=example -days 30 -out certificate -config /dev/null 2>/dev/null; openssl x509 -in certificate -noout -subject
    openssl genrsa -out rsa 2048 2>/dev/null; openssl rsa -in rsa -check -noout 2>&1; openssl rand 32 | wc -c
fi
if command -v sqlite3 >/dev/null; then
    sqlite3 base.db 'pragma journal_mode=wal; create table t(a, b); with recursive n(i) as (select 1 union all select i+1 from n where i<5000) insert into t select i, hex(i) from n; create index x on t(b);'
    sqlite3 base.db 'select count(*), sum(a) from t; pragma integrity_check;'; sqlite3 base.db .dump | sqlite3 copy.db; sqlite3 copy.db 'select max(b) from t'
    for i in 1 2 3; do sqlite3 base.db ".timeout 20000" "begin immediate; update t set a = a + 1; commit;" & done; wait; sqlite3 base.db 'select sum(a) from t'
fi
if command -v ssh-keygen >/dev/null; then
    ssh-keygen -q -t ed25519 -N '' -C comment -f id && ssh-keygen -l -f id.pub | awk '{ print $1, $3, $4 }'; ssh-keygen -y -f id | cut -d' ' -f1
fi
if command -v curl >/dev/null; then
    seq 100 >numbers; curl -s "file://$1/numbers" | md5sum; curl -s "file://$1/none"; echo "status $?"; curl -s -m 5 http://127.0.0.1:1/; echo "status $?"
fi
