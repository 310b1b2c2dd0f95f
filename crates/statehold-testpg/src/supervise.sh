# Stops a test's PostgreSQL server when nobody uses it any more, and removes its folder.
#
# $1 the lock file: whoever uses the server holds a shared lock on it. $2 the server's folder. $3 how many seconds to wait
# for a next user. $4 the file that says the server is ready.
exec 9<>"$1"
while :; do
    flock -x 9
    flock -u 9
    sleep "$3"
    # Decided under the lock: a newcomer waits for it, and then finds no server.
    if flock -n -x 9; then break; fi
done
rm -f "$4"
pid=$(head -n 1 "$2/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && kill -INT "$pid" 2>/dev/null; then
    tries=0
    while kill -0 "$pid" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then kill -KILL "$pid"; fi
        sleep 0.05
    done
fi
rm -rf "$2"
