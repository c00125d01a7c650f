/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect --diff: two files as lists of facts, and what is different in them.
 *
 * A fact has a question, a label, a key and a value: WHO, "certificate", SHA-256, its
 * name.  Facts of the same label and key are compared; of two different kinds of file
 * only labels count that both have.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/inspect.h"
#include "cli/output.h"
#include "crypto/digest.h"
#include "util/jsonio.h"
#include "util/mem.h"

struct fact {
	enum question question;
	const char *label;
	char *key, *value; /* owned */
};

struct facts {
	struct fact *items;
	size_t count, cap;
};

static void facts_free(struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->items[i].key);
		free(f->items[i].value);
	}
	free(f->items);
}

/* Takes value over. */
static void add(struct facts *f, enum question q, const char *label, const char *key,
                char *value)
{
	f->items = mem_grow(f->items, f->count, &f->cap, sizeof *f->items);
	f->items[f->count++] = (struct fact){
		.question = q, .label = label, .key = mem_copy(key), .value = value
	};
}

static void add_text(struct facts *f, enum question q, const char *label,
                     const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		add(f, q, label, key, mem_copy(text));
}

static void add_date(struct facts *f, const char *label, const char *key,
                     int64_t time_s)
{
	char date[CLOCK_TEXT_BYTES];

	clock_format_time(date, time_s);
	add_text(f, ASK_UNTIL, label, key, date);
}

static void add_cert(struct facts *f, const struct artifact_cert *cert)
{
	char sha256[65];

	digest_hex(sha256, slice_of(cert->sha256, 32));
	add(f, ASK_WHO, "certificate", sha256,
	    mem_format("%s, serial %s", cert->cn, cert->serial));
}

static void add_key(struct facts *f, const unsigned char sha256[32])
{
	char hex[65];

	digest_hex(hex, slice_of(sha256, 32));
	add_text(f, ASK_WHO, "public key", "", hex);
}

/* To be there is all that these say. */
static void add_strings(struct facts *f, enum question q, const char *label,
                        const struct pl *array)
{
	for (size_t i = 0; array != NULL && i < array->count; i++) {
		const char *text = pl_text(array->items[i]);

		add(f, q, label, text != NULL ? text : "?", mem_copy(""));
	}
}

static void add_pairs(struct facts *f, const char *label, const char *where,
                      const struct pl *dict)
{
	for (size_t i = 0; dict != NULL && i < dict->count; i++) {
		AUTO(drop_str)
		char *key = mem_format("%s%s%s", where, where[0] != '\0' ? ": " : "",
		                       dict->keys[i]);

		add(f, ASK_HOW, label, key, inspect_value(dict->items[i]));
	}
}

static void add_profile(struct facts *f, const struct artifact_profile *p)
{
	add_text(f, ASK_WHERE, "distribution", "", profile_kind_name(p->kind));
	add_text(f, ASK_WHERE, "all devices", "", p->all_devices ? "yes" : "no");
	add_strings(f, ASK_WHERE, "device", p->devices);
	add_strings(f, ASK_WHERE, "platform", p->platforms);
	add_text(f, ASK_WHO, "team", "", p->team_id);
}

static void add_bundle(struct facts *f, const struct artifact *a,
                       const struct artifact_bundle *b)
{
	const char *inner = inspect_inner(a, b->path);

	if (a->kind == ARTIFACT_APP)
		add_text(f, ASK_WHAT, "bundle", inner[0] != '\0' ? inner : ".",
		         b->id != NULL ? b->id : bundle_kind_name(b->kind));
	add_text(f, ASK_WHAT, "version", inner, b->version);
	add_text(f, ASK_WHAT, "build", inner, b->build);
	add_text(f, ASK_WHERE, "architectures", inner, b->archs);
	add_text(f, ASK_WHERE, "minimum system", inner,
	         b->archs != NULL ? b->min_os : NULL);
	add_text(f, ASK_WHO, "seal", inner,
	         b->seal == ARTIFACT_SIGNED     ? "signed"
	         : b->seal == ARTIFACT_ADHOC    ? "signed ad hoc"
	         : b->seal == ARTIFACT_UNSIGNED ? "not signed"
	                                        : "not readable");
	if (b->signer != NULL)
		add_cert(f, b->signer);
	if (b->profile != NULL && b->depth == 0)
		add_profile(f, b->profile);
	add_pairs(f, "entitlement", inner, b->entitlements);
}

static void add_ends(struct facts *f, const struct artifact *a)
{
	for (size_t i = 0; i < a->end_count; i++) {
		const struct artifact_end *e = &a->ends[i];

		/* A renewed certificate has its old name, a profile need not. */
		add_date(f, artifact_end_kind_name(e->kind),
		         e->kind == ARTIFACT_END_PROFILE && e->bundle != NULL
		                 ? inspect_inner(a, e->bundle)
		         : a->kind == ARTIFACT_CERT && a->cert_count > 1 ? e->name
		                                                         : "",
		         e->until_s);
	}
}

static int by_label(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;
	int order = (int)x->question - (int)y->question;

	return order != 0 ? order : strcmp(x->label, y->label);
}

static int by_place(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;
	int order = by_label(a, b);

	if (order == 0)
		order = strcmp(x->key, y->key);
	return order != 0 ? order : strcmp(x->value, y->value);
}

static bool same_place(const struct fact *x, const struct fact *y)
{
	return x->question == y->question && strcmp(x->label, y->label) == 0 &&
	       strcmp(x->key, y->key) == 0;
}

/* In order, each once: bundles of one app say much twice. */
static void settle(struct facts *f)
{
	size_t kept = 0;

	if (f->count > 0)
		qsort(f->items, f->count, sizeof *f->items, by_place);
	for (size_t i = 0; i < f->count; i++) {
		if (kept > 0 && by_place(&f->items[kept - 1], &f->items[i]) == 0) {
			free(f->items[i].key);
			free(f->items[i].value);
			continue;
		}
		f->items[kept++] = f->items[i];
	}
	f->count = kept;
}

static void add_identity(struct facts *f, const struct artifact *a)
{
	/* Of an identity its own certificate only: what goes along is no answer. */
	size_t certs = a->kind == ARTIFACT_P12 && a->cert_count > 1 ? 1 : a->cert_count;
	for (size_t i = 0; i < certs; i++)
		add_cert(f, &a->certs[i]);
	if (certs == 1) {
		add_key(f, a->certs[0].key_sha256);
		add_text(f, ASK_WHO, "team", "", a->certs[0].team);
		add_text(f, ASK_WHO, "type", "", cert_kind_name(a->certs[0].kind));
		add_text(f, ASK_WHO, "issuer", "", a->certs[0].issuer);
	} else if (a->has_key) {
		add_key(f, a->key.sha256);
	}
	if (a->csr != NULL) {
		add_key(f, a->csr->key_sha256);
		add_text(f, ASK_WHO, "name", "", a->csr->cn);
		add_text(f, ASK_WHO, "email", "", a->csr->email);
	}
}

/* alone: of an app only what it says itself, not what is in it. */
static void facts_of(struct facts *f, const struct artifact *a, bool alone)
{
	add_text(f, ASK_WHAT, "app id", "", artifact_app_id(a));
	add_identity(f, a);
	if (a->profile != NULL) {
		add_text(f, ASK_WHAT, "name", "", a->profile->name);
		add_text(f, ASK_WHAT, "UUID", "", a->profile->uuid);
		add_profile(f, a->profile);
		for (size_t i = 0; i < a->profile->cert_count; i++)
			add_cert(f, &a->profile->certs[i]);
		add_pairs(f, "entitlement", "", a->profile->entitlements);
	}
	for (size_t i = 0; i < a->bundle_count && (i == 0 || !alone); i++)
		add_bundle(f, a, &a->bundles[i]);
	if (a->plist != NULL)
		add_pairs(f,
		          a->kind == ARTIFACT_ENTITLEMENTS ? "entitlement" : "option",
		          "", a->plist);
	add_ends(f, a);
	settle(f);
}

/* ---- the difference ---- */

struct diff {
	const struct facts *a, *b;
	const struct artifact *from, *to;
	bool is_mixed; /* two kinds of file */
	unsigned questions;
	json_t *changes; /* NULL: printed as text */
	size_t compared, different;
	enum question last; /* whose head was printed */
};

/* '-' is in the first file only, '+' in the second, '~' in both: there it is *to. */
struct change {
	char sign;
	const struct fact *fact, *to;
};

static void print_change(const struct change *c)
{
	/* A hash says nothing to people. */
	bool has_key =
		c->fact->key[0] != '\0' && strcmp(c->fact->label, "certificate") != 0;

	printf("%c %s", c->sign, c->fact->label);
	if (has_key) {
		putchar(' ');
		term_safe(stdout, c->fact->key);
	}
	if (c->fact->value[0] != '\0') {
		fputs(": ", stdout);
		term_safe(stdout, c->fact->value);
	}
	if (c->sign == '~') {
		fputs(" -> ", stdout);
		term_safe(stdout, c->to->value);
	}
	putchar('\n');
}

static json_t *change_json(const struct change *c)
{
	const char *value = c->fact->value;

	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "question",
	                 question_words[c->fact->question], "fact", c->fact->label,
	                 "key", jsonio_text(c->fact->key), "from",
	                 c->sign == '+' ? json_null() : jsonio_text(value), "to",
	                 c->sign == '-'   ? json_null()
	                 : c->sign == '+' ? jsonio_text(value)
	                                  : jsonio_text(c->to->value));
}

static void print_files(const struct artifact *a, const struct artifact *b)
{
	fputs("--- ", stdout);
	term_safe(stdout, a->path);
	printf("  %s\n+++ ", artifact_kind_name(a->kind));
	term_safe(stdout, b->path);
	printf("  %s\n", artifact_kind_name(b->kind));
}

static void note(struct diff *d, char sign, const struct fact *fact,
                 const struct fact *to)
{
	const struct change c = { sign, fact, to };

	d->different++;
	if (d->changes != NULL) {
		json_array_append_new(d->changes, change_json(&c));
		return;
	}
	if (d->different == 1)
		print_files(d->from, d->to);
	bool is_first = d->different == 1 || fact->question != d->last;
	printf("%s  ", is_first ? question_heads[fact->question] : "     ");
	d->last = fact->question;
	print_change(&c);
}

/* Facts of one label, in one file. */
struct run {
	const struct fact *at, *end;
};

static struct run run_of(const struct facts *f, size_t from, const struct fact *like)
{
	struct run r = { f->items + from, f->items + from };

	while (r.end < f->items + f->count && by_label(r.end, like) == 0)
		r.end++;
	return r;
}

/* What changed and what is gone; or, with is_new, what came. */
static void compare_run(struct diff *d, struct run a, struct run b, bool is_new)
{
	while (a.at < a.end || b.at < b.end) {
		bool both = a.at < a.end && b.at < b.end;
		int order = both ? by_place(a.at, b.at) : a.at < a.end ? -1 : 1;

		if (both && same_place(a.at, b.at)) {
			if (order != 0 && !is_new)
				note(d, '~', a.at, b.at);
			a.at++;
			b.at++;
		} else if (order < 0) {
			if (!is_new)
				note(d, '-', a.at, NULL);
			a.at++;
		} else {
			if (is_new)
				note(d, '+', b.at, NULL);
			b.at++;
		}
	}
}

/* The label that comes next. */
static const struct fact *next_of(const struct facts *a, size_t i,
                                  const struct facts *b, size_t j)
{
	if (i >= a->count)
		return &b->items[j];
	if (j >= b->count || by_label(&a->items[i], &b->items[j]) < 0)
		return &a->items[i];
	return &b->items[j];
}

/* Neither is empty. */
static void compare(struct diff *d)
{
	size_t i = 0, j = 0;

	while (i < d->a->count || j < d->b->count) {
		const struct fact *next = next_of(d->a, i, d->b, j);
		const struct run a = run_of(d->a, i, next), b = run_of(d->b, j, next);
		size_t in_a = (size_t)(a.end - a.at), in_b = (size_t)(b.end - b.at);

		i += in_a;
		j += in_b;
		if ((d->questions & 1U << next->question) == 0 ||
		    (d->is_mixed && (in_a == 0 || in_b == 0)))
			continue;
		d->compared += in_a + in_b;
		compare_run(d, a, b, false);
		compare_run(d, a, b, true);
	}
}

static bool nothing_common(const struct artifact *a, const struct artifact *b,
                           struct error *err)
{
	error_set(err, ERROR_USAGE, "\"%s\" and \"%s\" cannot be compared", a->path,
	          b->path);
	error_evidence(err, "one is of the kind \"%s\", the other \"%s\"%s",
	               artifact_kind_name(a->kind), artifact_kind_name(b->kind),
	               a->is_locked || b->is_locked ? ", and locked" : "");
	error_cause(err, "They answer no question both.");
	return error_hint(err, "sealring inspect '%s' '%s'", a->path, b->path);
}

bool inspect_diff(bool *same, const struct artifact *a, const struct artifact *b,
                  const struct inspect_view *view, bool json, struct error *err)
{
	AUTO(facts_free) struct facts first = { 0 };
	AUTO(facts_free) struct facts second = { 0 };
	AUTO(drop_json) json_t *changes = json ? json_array() : NULL;
	struct diff d = { .from = a,
		          .to = b,
		          .a = &first,
		          .b = &second,
		          .is_mixed = a->kind != b->kind,
		          .questions = view->questions,
		          .changes = changes };

	facts_of(&first, a, d.is_mixed);
	facts_of(&second, b, d.is_mixed);
	if (first.count > 0 && second.count > 0)
		compare(&d);
	if (d.compared == 0)
		return nothing_common(a, b, err);
	*same = d.different == 0;
	if (json)
		return output_json(json_pack("{s:o, s:o, s:b, s:O}", "from",
		                             jsonio_text(a->path), "to",
		                             jsonio_text(b->path), "same", *same,
		                             "changes", changes),
		                   err);
	if (*same)
		puts("no difference");
	return true;
}
