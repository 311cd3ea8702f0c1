# fork, pipes, sockets, alarm, signals, files. Arguments: folder.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;
use IO::Select;
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep ualarm);
use File::Temp;
use Storable qw(freeze thaw);

$| = 1;
chdir $ARGV[0] or die;
pipe(my $r, my $w) or die;
my @children;
for my $n (1 .. 5) {
    my $pid = fork() // die;
    if (!$pid) { close $r; syswrite $w, "child $n\n"; exit $n; }
    push @children, $pid;
}
close $w;
print sort <$r>;
print "statuses ", join(",", map { waitpid($_, 0); $? >> 8 } @children), "\n";
my $answer = eval { local $SIG{ALRM} = sub { die "alarm\n" }; alarm 1; select(undef, undef, undef, 30); 1 };
print "timed out: $@";
my $count = 0;
$SIG{USR1} = sub { $count++ };
kill USR1 => $$ for 1 .. 3;
print "signals $count\n";
print "backticks ", scalar(() = `seq 5000`), " ", $? >> 8, "\n";
open(my $out, "|-", "tr a-z A-Z") or die;
print $out "through a pipe\n";
close $out;
print "system ", system("sh", "-c", "exit 6") >> 8, "\n";
my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1") or die;
my $pid = fork() // die;
if (!$pid) {
    my $c = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $server->sockport) or die;
    print $c "question\n";
    print "client got ", scalar <$c>;
    exit 0;
}
my $c = $server->accept;
my $line = <$c>;
print $c uc $line;
close $c;
waitpid $pid, 0;
my $local = IO::Socket::UNIX->new(Local => "socket", Listen => 1) or die;
$pid = fork() // die;
if (!$pid) { my $s = IO::Socket::UNIX->new(Peer => "socket") or die; print $s "local\n"; exit 0; }
print "unix ", scalar readline($local->accept);
waitpid $pid, 0;
open(my $f, "+>", "file") or die;
flock $f, 2;
print $f "line $_\n" for 1 .. 3000;
seek $f, 0, 0;
print "lines ", scalar(() = <$f>), " size ", -s "file", "\n";
$pid = fork() // die;
if (!$pid) { open(my $g, "<", "file"); exit(flock($g, 6) ? 1 : 0); }
waitpid $pid, 0;
print "locked ", $? >> 8, "\n";
print "storable ", thaw(freeze({ a => [1, 2, 3] }))->{a}[2], "\n";
my %h = map { $_ => $_ ** 2 } 1 .. 20000;
my $sum = 0;
$sum += $_ for values %h;
print "sum $sum\n";
print "none ", waitpid(-1, WNOHANG), "\n";
exit 5;
