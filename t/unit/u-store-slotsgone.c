/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-slotsgone.c - key slots that were removed: at one place, at two, in
 * the memory of a computer, and against one who was removed.
 */
#include "lib-slots.h"
#include "tap.h"

static int remove_by(struct place *p, const struct dev *by,
		     const struct dev *d, const struct keyring *r)
{
	struct slots_by b = { by->key, &by->chain };
	struct slots_removal what = { .type = SLOT_DEVICE, .label = "gone",
				      .now = 3000 };

	memcpy(what.id, cert_chain_last(&d->chain)->device, 16);
	return slots_remove(p, r, &b, &what, NULL);
}

static int gone_at(struct place *p, const struct dev *d)
{
	struct slots_gone g = SLOTS_GONE_INIT;
	int is = !slots_gone_load(&g, p, ring, NULL) &&
		slots_gone_find(&g, cert_chain_last(&d->chain)->device);

	slots_gone_release(&g);
	return is;
}

static struct mem m2 = { .p = { &ops, "second" } };

static void copy_to(struct mem *to, const struct mem *from)
{
	int i;

	mem_empty(to);
	for (i = 0; i < from->n; i++)
		mem_put(&to->p, from->at[i].id, from->at[i].b.p,
			from->at[i].b.n, NULL);
}

static int same_slots(void)
{
	int i, k, n = 0;

	for (i = 0; i < m.n; i++)
		n += (k = mem_find(&m2, m.at[i].id)) >= 0 &&
			!buf_cmp(&m.at[i].b, &m2.at[k].b);
	return n == m.n && m.n == m2.n;
}

static void test_removed(void)
{
	struct slots_by by = { box.key, &box.chain };
	struct keyring *next = NULL;
	struct tally t;

	put_all();
	copy_to(&m2, &m);
	ok(!remove_by(&m.p, &box, &laptop, ring) && gone_at(&m.p, &laptop),
	   "removed");
	ok(opens(&laptop) == HUB_EAUTH && !opens(&editor),
	   "it does not open, others do");
	ok(dev_put(&laptop, &laptop, "l") == HUB_EAUTH,
	   "nor is it made again");
	ok(count(ring).good == 3, "it is no slot any more");
	ok(!slots_rotate(&m.p, ring, &by, m.at[1].id, 4000, &next, NULL) &&
	   gone_at(&m.p, &laptop), "after a rotation: still removed");
	t = count(next);
	ok(t.good == 3 && !t.bad, "... the others have the new key");
	ok(!slots_merge(&m.p, &m2.p, next, NULL) && same_slots() &&
	   gone_at(&m2.p, &laptop), "an old copy of the slots learns of it");
	copy_to(&m2, &m);
	put_all();
	ok(!slots_merge(&m.p, &m2.p, ring, NULL) &&
	   gone_at(&m.p, &laptop), "... or has it, and the hub learns");
	keyring_free(next);
	mem_empty(&m);
	mem_empty(&m2);
}

/* The files of ${g}, read anew with ${r}: how many count, and how many there
 * are then. */
static void again(const struct buf *files, const struct keyring *r,
		  size_t *counts, size_t *are)
{
	struct slots_gone g = SLOTS_GONE_INIT;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	if (slots_gone_decode(&g, r, files->p, files->n, &e))
		printf("# %s\n", e.msg);
	slots_gone_encode(&out, &g);
	*counts = g.n;
	*are = out.n / REMOVAL_SIZE;
	buf_release(&out);
	slots_gone_release(&g);
}

/* What a computer remembers is not forgotten because it cannot be read now. */
static void test_remembered(void)
{
	static const size_t at[] = { 0, 4, 9, 41, 58, 61, 93, 117, 4095 };
	struct slots_by by = { box.key, &box.chain };
	struct slots_gone g = SLOTS_GONE_INIT;
	struct keyring *next = NULL;
	struct buf files = BUF_INIT;
	size_t i, n, k;

	put_all();
	remove_by(&m.p, &box, &laptop, ring);
	slots_rotate(&m.p, ring, &by, m.at[1].id, 4000, &next, NULL);
	remove_by(&m.p, &box, &editor, next);
	ok(!slots_gone_load(&g, &m.p, next, NULL) && g.n == 2, "two removed");
	slots_gone_encode(&files, &g);
	slots_gone_release(&g);
	again(&files, next, &n, &k);
	ok(n == 2 && k == 2, "remembered");
	again(&files, ring, &n, &k);
	ok(n == 1 && k == 2, "with older keys: one counts, both stay");
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		files.p[REMOVAL_SIZE + at[i]] ^= 0x20;
		again(&files, next, &n, &k);
		ok(n == 1 && k == 2, "a wrong byte at %d: it stays, too",
		   (int)at[i]);
		files.p[REMOVAL_SIZE + at[i]] ^= 0x20;
	}
	files.p[200] ^= 1;
	slots_gone_decode(&g, next, files.p, files.n, NULL);
	ok(!slots_gone_load(&g, &m.p, next, NULL) && g.n == 2, "told again");
	buf_reset(&files);
	slots_gone_encode(&files, &g);
	again(&files, next, &n, &k);
	ok(n == 2 && k == 2, "... the damaged one is forgotten then");
	slots_gone_release(&g);
	buf_release(&files);
	keyring_free(next);
	mem_empty(&m);
}

/* Of several epochs behind, and there alone: it counts, so it is renewed. */
static void test_late(void)
{
	struct slots_by by = { box.key, &box.chain };
	struct keyring *two = NULL, *three = NULL;
	struct slots_opened o;
	struct err e = ERR_INIT;

	put_all();
	copy_to(&m2, &m);
	mem_empty(&m);
	dev_put(&box, &box, "hub");
	slots_rotate(&m.p, ring, &by, m.at[0].id, 2000, &two, NULL);
	ok(!slots_merge(&m.p, &m2.p, two, NULL) && m.n == 4 && m2.n == 4,
	   "slots of another place come to the hub");
	ok(!slots_rotate(&m.p, two, &by, m.at[0].id, 3000, &three, NULL) &&
	   !dev_open(&laptop, &o, &e) && keyring_epoch(o.ring) == 3,
	   "two epochs behind: gets the newest: %s", e.msg);
	slots_opened_release(&o);
	keyring_free(two);
	keyring_free(three);
	mem_empty(&m);
	mem_empty(&m2);
}

/* What one does who was removed, and still has the keys up to then. */
static void test_revenge(void)
{
	struct slots_by by = { box.key, &box.chain };
	struct keyring *two = NULL, *three = NULL;
	struct slots_opened o;
	struct buf was = BUF_INIT;
	struct dev friend;
	int at;

	put_all();
	/* Before: the laptop removed the editor, and renewed all slots. */
	ok(!remove_by(&m.p, &laptop, &editor, ring), "an admin removes");
	dev_put(&box, &laptop, "hub");
	copy_to(&m2, &m);
	ok(!remove_by(&m.p, &box, &laptop, ring) &&
	   gone_at(&m.p, &editor) && gone_at(&m.p, &laptop),
	   "what it had removed stays removed");
	ok(!slots_rotate(&m.p, ring, &by, m.at[1].id, 4000, &two, NULL) &&
	   !dev_open(&box, &o, NULL) && keyring_epoch(o.ring) == 2,
	   "what it had signed is renewed by the rotation that follows");
	slots_opened_release(&o);
	/* Afterwards, at a place, with keys of epoch 1. */
	dev_make(&friend, 7, &laptop, CERT_ADMIN);
	ok(remove_by(&m2.p, &laptop, &box, ring) == 0, "it removes the hub");
	mem_put(&m2.p, m.at[2].id, m.at[2].b.p, m.at[2].b.n, NULL);
	{
		struct slots_by it = { laptop.key, &laptop.chain };

		ok(!slots_put_device(&m2.p, ring, &it,
				     cert_chain_last(&friend.chain), "friend",
				     5000, NULL), "and makes a slot for a friend");
	}
	at = m.n;
	ok(!slots_merge(&m.p, &m2.p, two, NULL) && m.n == at &&
	   !gone_at(&m.p, &box), "the hub takes neither");
	/* Even if it could write to the hub itself. */
	at = mem_find(&m2, cert_chain_last(&friend.chain)->device);
	buf_add(&was, m2.at[at].b.p, m2.at[at].b.n);
	mem_put(&m.p, m2.at[at].id, was.p, was.n, NULL);
	ok(!slots_rotate(&m.p, two, &by, m.at[1].id, 6000, &three, NULL),
	   "the next rotation");
	at = mem_find(&m, cert_chain_last(&friend.chain)->device);
	ok(!buf_cmp(&m.at[at].b, &was), "... gives the friend nothing");
	ok(remove_by(&m.p, &laptop, &box, ring) == HUB_EAUTH,
	   "nor does the program remove for it");
	buf_release(&was);
	sign_free(friend.key);
	keyring_free(two);
	keyring_free(three);
	mem_empty(&m);
	mem_empty(&m2);
}

int main(void)
{
	crypt_init(NULL);
	slots_cheap(1);
	if (!ok(set_up(), "keys"))
		return done();
	test_removed();
	test_remembered();
	test_late();
	test_revenge();
	mem_empty(&m);
	keyring_free(ring);
	sign_free(identity);
	sign_free(box.key);
	sign_free(laptop.key);
	sign_free(editor.key);
	return done();
}
