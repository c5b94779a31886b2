# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-ssh.sh - another computer by the name of "far": this one, behind a real
# sshd on the loopback interface, with keys and settings of its own in ssh/.
#
#	start_sshd		ssh://far/..., and git's ssh, lead there from now on
#	stop_sshd		"far" does not answer any more
#	far_key LINE [WHO]	the key lets in with these options ("" for none)
#
# What "far" runs has this test's PATH, and far/ as its home and user's folder.
# Commands come in as the user who runs the test.  Scripts say, after test-lib.sh:
#	. "$TEST_DIRECTORY/lib-ssh.sh"

for SSHD in "$(command -v sshd)" /usr/sbin/sshd /usr/local/sbin/sshd /usr/libexec/sshd
do
	test -x "$SSHD" && break
done
if ! test -x "$SSHD" || ! command -v ssh >/dev/null || ! command -v ssh-keygen >/dev/null
then
	skip_all 'no sshd here (openssh-server)'
fi

SSH_DIR=$TRASH_DIRECTORY/ssh FAR=$TRASH_DIRECTORY/far
SSHD_PID=

# what "far" has in its environment; nothing in it has blanks or quotes
far_env () {
	local v
	for v in PATH LC_ALL LANG TZ GIT_CONFIG_NOSYSTEM VIBEHUB_TEST_KDF ASAN_OPTIONS \
		UBSAN_OPTIONS LSAN_OPTIONS
	do
		eval "printf '%s=%s ' $v \"\$$v\""
	done
	echo "HOME=$FAR VIBEHUB_HOME=$FAR/.vibehub VIBEHUB_HOSTNAME=far"
}

far_key () {
	printf '%s %s\n' "$1" "$(cat "$SSH_DIR/${2:-id}.pub")" | sed 's/^ *//' \
		>"$SSH_DIR/authorized_keys"
}

free_port () {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

ssh_files () {
	mkdir -p "$SSH_DIR" "$FAR" && make_home "$FAR" far &&
	ssh-keygen -q -t ed25519 -N '' -C host -f "$SSH_DIR/host" &&
	ssh-keygen -q -t ed25519 -N '' -C test -f "$SSH_DIR/id" &&
	far_key '' &&
	printf 'far %s\n' "$(cut -d' ' -f1,2 "$SSH_DIR/host.pub")" >"$SSH_DIR/known_hosts" &&
	# sshd, started by root, wants a folder to be empty in
	{ ! test "$(id -u)" = 0 || mkdir -p /run/sshd; }
}

sshd_config () {
	cat <<-CONFIG
	Port $1
	ListenAddress 127.0.0.1
	HostKey $SSH_DIR/host
	AuthorizedKeysFile $SSH_DIR/authorized_keys
	PidFile $SSH_DIR/pid
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	StrictModes no
	MaxStartups 100
	MaxSessions 100
	LogLevel VERBOSE
	Subsystem sftp internal-sftp
	SetEnv $(far_env)
	CONFIG
}

ssh_config () {
	cat <<-CONFIG
	Host far
		HostName 127.0.0.1
		Port $1
		HostKeyAlias far
		IdentityFile $SSH_DIR/id
		IdentitiesOnly yes
		UserKnownHostsFile $SSH_DIR/known_hosts
		GlobalKnownHostsFile /dev/null
		StrictHostKeyChecking yes
		ControlMaster no
		ConnectTimeout 20
	CONFIG
}

# one attempt; a port may be taken by somebody else in between
try_sshd () {
	local port i=0
	port=${SSHD_PORT:-$(free_port)}
	rm -f "$SSH_DIR/pid"
	sshd_config "$port" >"$SSH_DIR/sshd_config"
	ssh_config "$port" >"$SSH_DIR/config"
	"$SSHD" -D -f "$SSH_DIR/sshd_config" -E "$SSH_DIR/log" 3>&- 4>&- 5>&- </dev/null \
		>/dev/null 2>&1 &
	SSHD_PID=$!
	while ! test -s "$SSH_DIR/pid" && test $i -lt 300 && kill -0 "$SSHD_PID" 2>/dev/null
	do
		sleep 0.1
		i=$((i + 1))
	done
	test -s "$SSH_DIR/pid" && kill -0 "$SSHD_PID" 2>/dev/null && SSHD_PORT=$port
}

start_sshd () {
	local i
	test -d "$SSH_DIR" || ssh_files || return 1
	for i in 1 2 3 4 5
	do
		try_sshd && break
		kill "$SSHD_PID" 2>/dev/null
		SSHD_PID= SSHD_PORT=
		sleep 0.2
	done
	if ! test -n "$SSHD_PID"
	then
		cat "$SSH_DIR/log" >&2
		return 1
	fi
	# A script that is killed leaves nothing behind.
	( exec 3>&- 4>&- 5>&- >/dev/null 2>&1
	  while kill -0 $$ && kill -0 "$SSHD_PID"
	  do
		sleep 2
	  done
	  kill "$SSHD_PID" ) </dev/null &
	# shellcheck disable=SC2089
	GIT_SSH_COMMAND="ssh -F '$SSH_DIR/config'"
	# shellcheck disable=SC2090
	export GIT_SSH_COMMAND
}

# its sessions, too; the port stays known, so that it can be started again
stop_sshd () {
	test -n "$SSHD_PID" || return 0
	kill "$SSHD_PID" 2>/dev/null
	wait "$SSHD_PID" 2>/dev/null
	SSHD_PID=
	rm -f "$SSH_DIR/pid"
}
