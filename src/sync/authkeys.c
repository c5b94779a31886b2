/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authkeys.c - see authkeys.h.  One writer at a time, by a lock beside the file;
 * it is replaced at once, never rewritten. */
#include "sync/authkeys.h"

#include <string.h>

#include "base/words.h"
#include "fmt/sshkey.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"

#define TAG "vibehub:"
#define TRIES 50

int authkeys_default(struct buf *ret, struct err *e)
{
	int rc = os_home_dir(ret, e);

	buf_addstr(ret, "/.ssh/authorized_keys");
	return rc < 0 ? rc : buf_error(ret) ? err_nomem(e) : 0;
}

static int path_ok(const char *s)
{
	for (; *s; s++)
		if ((uint8_t)*s < 0x20 || *s == 0x7f)
			return 0;
	return 1;
}

/* The command is read twice: by sshd between double quotes, by a shell. */
static int add_line(struct buf *out, const char *hub, const char *id,
		    const uint8_t pk[32], struct err *e)
{
	struct buf command = BUF_INIT, only = BUF_INIT, self = BUF_INIT;
	size_t i;

	os_self_path(&self);
	words_quote(&command, self.n ? self.p : "hub");
	buf_addf(&only, "--only=%s", hub);
	buf_addstr(&command, " serve ");
	words_quote(&command, buf_error(&only) ? "" : only.p);
	buf_addf(&command, " --as=%s", id);
	buf_addstr(out, "restrict,command=\"");
	for (i = 0; i < command.n; i++) {
		if (command.p[i] == '"')
			buf_addch(out, '\\');
		buf_addch(out, command.p[i]);
	}
	buf_addstr(out, "\" ");
	sshkey_public(out, pk);
	buf_addf(out, " " TAG "%s\n", id);
	if (buf_error(&command) || buf_error(&only) || buf_error(&self))
		out->failed = 1;
	buf_release(&command);
	buf_release(&only);
	buf_release(&self);
	return buf_error(out) ? err_nomem(e) : 0;
}

/* Is this line (n bytes) of ${id}? */
static int is_of(const char *line, size_t n, const char *id)
{
	size_t k = strlen(TAG) + strlen(id);

	return n > k && line[n - k - 1] == ' ' &&
		!memcmp(line + n - k, TAG, strlen(TAG)) &&
		!memcmp(line + n - strlen(id), id, strlen(id));
}

/* All lines but those of ${id}; how many these were. */
static int others(struct buf *out, const struct buf *text, const char *id)
{
	const char *p = text->p, *end = p + text->n, *nl;
	int found = 0;

	while (text->n && p < end) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			nl = end;
		if (is_of(p, (size_t)(nl - p), id)) {
			found++;
		} else {
			buf_add(out, p, (size_t)(nl - p));
			buf_addch(out, '\n');
		}
		p = nl + 1;
	}
	return found;
}

static int make_folder(const char *file, struct err *e)
{
	struct buf dir = BUF_INIT;
	const char *last = strrchr(file, '/');
	int rc;

	buf_add(&dir, file, last ? (size_t)(last - file) : 0);
	if (!dir.n) {
		buf_release(&dir);
		return 0;
	}
	rc = buf_error(&dir) ? err_nomem(e) : os_mkdir(dir.p, e);
	if (rc == HUB_ECONFLICT) {
		err_clear(e);
		rc = 0;
	}
	buf_release(&dir);
	return rc;
}

static int lock(const char *file, struct os_lock **ret, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = HUB_EBUSY, i;

	buf_addf(&path, "%s.vibehub-lock", file);
	if (buf_error(&path))
		return err_nomem(e);
	for (i = 0; i < TRIES; i++) {
		rc = os_lock_take(path.p, ret, e);
		if (rc != HUB_EBUSY)
			break;
		os_sleep_ms(100);
	}
	buf_release(&path);
	return rc;
}

/* ${line} NULL: only the old ones go. */
static int rewrite(const char *file, const char *id, const struct buf *line,
		   struct err *e)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct os_lock *l = NULL;
	int found = 0, rc = lock(file, &l, e);

	if (!rc)
		rc = os_read_file(file, AUTHKEYS_MAX, &text, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	if (!rc) {
		found = others(&out, &text, id);
		if (line)
			buf_add(&out, line->p, line->n);
		if (buf_error(&out))
			rc = err_nomem(e);
		else if (found || line)
			rc = os_replace(file, out.p, out.n, OS_PRIVATE, e);
	}
	os_lock_drop(l);
	buf_release(&text);
	buf_release(&out);
	return rc;
}

int authkeys_put(const char *file, const char *hub, const char *id,
		 const uint8_t pk[32], struct err *e)
{
	struct buf line = BUF_INIT;
	int rc;

	if (!path_ok(hub))
		return err_set(e, HUB_EUSAGE, "the hub's path has control "
			       "characters: it cannot be served by a key");
	rc = add_line(&line, hub, id, pk, e);
	if (!rc)
		rc = make_folder(file, e);
	if (!rc)
		rc = rewrite(file, id, &line, e);
	buf_release(&line);
	return rc;
}

int authkeys_remove(const char *file, const char *id, struct err *e)
{
	return rewrite(file, id, NULL, e);
}
