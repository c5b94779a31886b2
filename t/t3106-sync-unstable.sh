#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
test_description='files that change, grow, are too large, or are data bases in use'
. "${0%/*}/test-lib.sh"
. "$TEST_DIRECTORY/lib-sync.sh"

# ba: like ab, where the two need not have the same files
ba () { a && b && a; }

# binary FILE BYTES
binary () { test_random_file "$1" "$2" "$3"; }
in_hub () { git -C hub.git cat-file -e "main:$1"; }

test_expect_success 'set up' 'two_computers && echo 1 >work/f && ab'

test_expect_success 'a log that grows all the time is recorded, a prefix of it' '
	{ { i=0 && while test $i -lt 4000
	do
		printf "line %06d of a log that somebody writes\n" $i && i=$((i + 1)) || break
	done >>work/log; } & } &&
	for i in 1 2 3 4 5
	do
		a || return 1
	done &&
	wait && git -C hub.git show main:log >seen &&
	cmp -n "$(stat -c %s seen)" seen work/log &&
	a && b && test_cmp work/log other/log
'

cat >mix.py <<'EOP'
import os, time
end = time.time() + 3
i = 0
while time.time() < end:
    i += 1
    f = os.open("work/mix", os.O_WRONLY | os.O_CREAT)
    os.pwrite(f, (b"%07d\n" % (i % 7)) * 50000, 0)
    os.close(f)
EOP

# A writer that the system stops in the middle of one write() cannot be told from
# one that has finished: a mixture may be recorded, but it never stays.
test_expect_success 'a file that is rewritten all the time: no mixture stays' '
	{ python3 mix.py & } &&
	for i in 1 2 3 4 5 6
	do
		a || return 1
	done &&
	wait && a && b && test_cmp work/mix other/mix &&
	test "$(sort -u <other/mix | wc -l)" = 1
'

cat >slow.py <<'EOP'
import mmap, os, time
# what one long write() looks like: the content changes, the stat does not
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
except OSError:
    pass
f = os.open("work/slow", os.O_RDWR)
m = mmap.mmap(f, 400 * 4096)
last = time.monotonic()
gap = 0
for i in range(400):
    st = os.stat("work/slow")
    m[i * 4096:i * 4096 + 4096] = b"new 890\n" * 512
    os.utime("work/slow", ns=(st.st_atime_ns, st.st_mtime_ns))
    time.sleep(0.003)
    now = time.monotonic()
    gap, last = max(gap, now - last), now
# a writer that stood still, or was not done 2 s after the file's time (its own
# start counts, too), shows nothing about this promise
age = time.time() - os.stat("work/slow").st_mtime
open("steady" if gap < 0.012 and age < 2 else "halting", "w")
EOP

# written_slowly: syncs while slow.py writes; the versions of it that history has
written_slowly () {
	python3 -c "print(\"old 890\\n\" * 512 * 400, end=\"\")" >work/slow && a &&
	tip=$(git -C hub.git rev-parse main) && rm -f steady halting &&
	touch work/slow && { python3 slow.py & } &&
	for i in 1 2 3 4 5 6 7 8
	do
		a || return 1
	done &&
	wait && a && b && test_cmp work/slow other/slow &&
	git -C hub.git log --format=%H "$tip..main" -- slow >versions
}

test_expect_success LINUX 'a file in the middle of a long write is synced' '
	for try in 1 2 3 4 5 6 7 8
	do
		written_slowly || return 1
		if test -e steady; then break; fi
	done && test_line_count -gt 0 versions
'

# A busy machine lets no writer be steady.
test -e steady && test_set_prereq STEADY

test_expect_success LINUX,STEADY '... never a mixture, in no version' '
	for c in $(cat versions)
	do
		git -C hub.git show $c:slow >seen && sort -u seen >kinds &&
		test_line_count = 1 kinds || return 1
	done
'

test_expect_success 'without a vault (a hub of an older release) what is large waits' '
	mv hub.git/vibehub/vault hub.git/vibehub/key .
'

test_expect_success 'binary over 1 MiB: pending (large), the rest goes' '
	binary work/big 1048577 && binary work/fits 1048576 && echo r >work/r &&
	a && test_grep "pending: large" a.out && in_hub r && in_hub fits &&
	test_must_fail in_hub big && a && test_grep "1 file pending: large" a.out
'

test_expect_success 'text up to 16 MiB is recorded, more is pending' '
	python3 -c "print(\"0123456789abcde\\n\" * 0x100000, end=\"\")" >work/text &&
	test "$(stat -c %s work/text)" = 16777216 && a && in_hub text &&
	echo x >work/text2 && cat work/text >>work/text2 && a && test_must_fail in_hub text2 &&
	rm work/text work/text2 && a
'

test_expect_success 'a tracked file that grows over the limit is never a deletion' '
	binary work/grow 1000 && ba && binary work/grow 2000000 && ba &&
	test "$(stat -c %s other/grow)" = 1000 && in_hub grow &&
	git -C work diff --quiet HEAD -- f
'

test_expect_success 'others change it meanwhile: the large one is not written over' '
	test "$(stat -c %s work/grow)" = 2000000 && cp work/grow mine &&
	binary other/grow 1500 && b && { a || test $? = 1; } && test_cmp mine work/grow &&
	binary work/grow 1200 && cp work/grow mine &&
	{ a; test $? = 1; } && b && test_cmp work/grow other/grow &&
	git -C hub.git log --format= --name-only main -- "grow*" | sort -u >names &&
	copies work >list && test_line_count = 1 list &&
	test "$(find work -name "grow*" -size 1200c | wc -l)" = 1 &&
	test "$(find work -name "grow*" -size 1500c | wc -l)" = 1
'

test_expect_success 'others delete it meanwhile: the large one stays' '
	binary work/keep 1000 && ba && binary work/keep 2000000 && rm other/keep && b &&
	{ a || test $? = 1; } && test "$(stat -c %s work/keep)" = 2000000 &&
	{ a || test $? = 1; } && test -f work/keep
'

test_expect_success 'a large file is deleted: that is a deletion' '
	rm work/keep work/big && a && b && test_path_missing other/keep &&
	test_same_tree work other
'

test_expect_success 'with a vault it waits no more' '
	mv vault key hub.git/vibehub/ && binary work/big 2000000 && a && b &&
	test_cmp work/big other/big && rm work/big && ab
'

test_expect_success SQLITE3 'a data base is recorded as one consistent copy' '
	sqlite3 work/db "create table t(x); insert into t values(1)" && ba &&
	sqlite3 other/db "select x from t" >x && echo 1 >want && test_cmp want x &&
	before=$(git -C hub.git rev-parse main) && touch work/db other/db && ba &&
	test "$(git -C hub.git rev-parse main)" = "$before"
'

cat >writer.py <<'EOP'
import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
c.execute("pragma journal_mode=wal")
c.execute("pragma wal_autocheckpoint=0")
c.execute("create table if not exists p(a, b)")
n = int(sys.argv[2])
for i in range(n):
    c.execute("begin"); c.execute("insert into p values(?, 1)", (i,))
    c.execute("insert into p values(?, 2)", (i,)); c.execute("commit")
    time.sleep(float(sys.argv[3]))
print("ready", flush=True)
sys.stdin.readline()
EOP

test_expect_success SQLITE3 'in use with a WAL: both halves of every transaction, or none' '
	mkfifo hold && { python3 writer.py work/live.db 60 0.03 <hold >ready & } &&
	exec 9>hold && for i in 1 2 3 4
	do
		a || return 1
		if in_hub live.db
		then
			git -C hub.git show main:live.db >copy &&
			sqlite3 copy "pragma integrity_check" >ok && test_grep "^ok$" ok &&
			{ sqlite3 copy "select count(*) % 2 from p" 2>/dev/null || echo 0; } >odd &&
			test "$(cat odd)" = 0
		fi || return 1
	done
'

test_expect_success SQLITE3 'its -wal and -shm are there and are never recorded' '
	until grep -q ready ready
	do
		sleep 0.2
	done &&
	test_path_is_file work/live.db-wal && a && b &&
	git -C hub.git ls-tree -r --name-only main >names &&
	test_must_fail grep -E "(wal|shm|journal)$" names && test_path_missing other/live.db-wal &&
	sqlite3 other/live.db "select count(*) from p" >n && echo 120 >want && test_cmp want n
'

test_expect_success SQLITE3 'a change that is only in the WAL is noticed' '
	sqlite3 -cmd "pragma wal_autocheckpoint=0" work/live.db "insert into p values(9,9)" &&
	a && b && sqlite3 other/live.db "select count(*) from p where a=9 and b=9" >n &&
	echo 1 >want && test_cmp want n
'

test_expect_success SQLITE3 'nothing changed: no new commit, though a WAL is there' '
	before=$(git -C hub.git rev-parse main) && a && a &&
	test "$(git -C hub.git rev-parse main)" = "$before"
'

test_expect_success SQLITE3 'in use here and changed elsewhere: not written over while in use' '
	rm -f other/live.db-* && sqlite3 other/live.db "insert into p values(7,7)" && b &&
	{ a || test $? = 1; } && sqlite3 work/live.db "pragma integrity_check" >ok &&
	test_grep "^ok$" ok && echo >&9 && exec 9>&- && wait &&
	sqlite3 work/live.db "pragma wal_checkpoint(truncate)" && rm -f work/live.db-* &&
	{ a || test $? = 1; } && { b || test $? = 1; } && b && a &&
	sqlite3 work/live.db .dump >one && sqlite3 other/live.db .dump >two && test_cmp one two
'

test_expect_success 'a journal of no data base is a file like others' '
	echo j >work/notes-journal && echo w >work/x-wal && a &&
	in_hub notes-journal && in_hub x-wal
'

test_expect_success !ROOT 'a file that cannot be read: said, 19, the rest goes on' '
	echo secret >work/secret && chmod 000 work/secret && echo ok >work/ok &&
	test_expect_code 19 hub -C work sync 2>err && test_grep "could not read secret" err &&
	in_hub ok && chmod 600 work/secret && a && in_hub secret
'

test_expect_success 'the hub is sound' 'b && hub_is_sound'

test_done
