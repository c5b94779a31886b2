/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ssh.h - addresses of SSH, and a session through the user's own `ssh` program:
 * its configuration, agents, jump hosts and known hosts are the ones that count.
 * Never through a shell on this side; on the far side every word is quoted.
 */
#ifndef NET_SSH_H
#define NET_SSH_H

#include "net/session.h"
#include "os/os_child.h"

#define SSH_ADDR_MAX 4096

/* How the place speaks: hub there, or only sftp. */
enum ssh_scheme { SSH_HUB, SSH_SFTP };

struct ssh_addr {
	enum ssh_scheme scheme;
	char user[256];		/* "": none was given */
	char host[256];		/* without brackets */
	unsigned port;		/* 0: none was given */
	char path[SSH_ADDR_MAX];	/* "/abs" or "~/below/home" */
};

/*
 * ssh_addr_is(): does ${s} mean another computer?  "ssh://...", "sftp://...", or
 * "[user@]host:path" as git takes it: a colon before the first slash, and no
 * drive letter.  What is none is a path.
 */
int ssh_addr_is(const char *s);
/* ssh_addr_parse(): HUB_EUSAGE with what is wrong. */
int ssh_addr_parse(const char *s, struct ssh_addr *ret, struct err *e);
/* ssh_addr_show(): the one form of an address, "ssh://...", appended; parsing it
 * gives the same again. */
void ssh_addr_show(const struct ssh_addr *a, struct buf *ret);

struct ssh_conf {
	const char *command;	/* core.sshCommand, or NULL */
	const char *program;	/* hub there; NULL: "hub" */
};

/*
 * ssh_argv(): what is executed: GIT_SSH_COMMAND, conf's, GIT_SSH or `ssh`, its
 * options, the host, and ${remote} as one string for the far shell; or, with
 * ${subsystem}, that subsystem.  The words are owned by ${ret}:
 * ssh_argv_release().
 */
struct ssh_argv { const char *at[96]; size_t n; char *block; struct buf text; };
int ssh_argv(const struct ssh_addr *a, const struct ssh_conf *conf,
	     const char *remote, int subsystem, struct ssh_argv *ret,
	     struct err *e);
void ssh_argv_release(struct ssh_argv *v);

/* ssh_start(): run it.  stdin and stdout are the child's stream; stderr is
 * kept, and shown where ours is a terminal. */
int ssh_start(const struct ssh_addr *a, const struct ssh_conf *conf,
	      const char *remote, int subsystem, struct os_child **ret,
	      struct err *e);
/*
 * ssh_why(): the stream of ${c} ended or failed as ${e} says: end the child and
 * say why in terms of the address.  HUB_EOFFLINE: it does not answer;
 * HUB_EDENIED: it refuses us; HUB_EAUTH: its host key is not the known one;
 * HUB_EUSAGE: there is no hub program.  Returns the code.
 */
int ssh_why(struct os_child *c, const struct ssh_addr *a, struct err *e);

struct ssh_link;

/*
 * ssh_open(): a session with `hub serve PATH` there.  ${hello} as for
 * session_open().  Owned: ssh_close() or ssh_keep().
 */
int ssh_open(const struct ssh_addr *a, const struct ssh_conf *conf,
	     const struct frame_hello *hello, struct ssh_link **ret,
	     struct err *e);
struct session *ssh_session(struct ssh_link *l);	/* borrowed */
void ssh_close(struct ssh_link *l);	/* NULL is fine */

/*
 * ssh_keep(): done with it for now: it is kept for the next ssh_reuse() of the
 * same address, settings and kind, or closed if it is broken, or too many are
 * kept.  One thread opens, keeps and closes.
 */
void ssh_keep(struct ssh_link *l);	/* NULL is fine */
/* ssh_reuse(): one that was kept and still lives, or NULL.  Its HELLO was that of
 * another user of it. */
struct ssh_link *ssh_reuse(const struct ssh_addr *a,
			   const struct ssh_conf *conf, enum frame_kind kind);
/* ssh_end(): close all that are kept; last of all. */
void ssh_end(void);

#endif
