/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect: entitlements in one line, the important ones by name; and values as text.
 */
#include <stdarg.h>
#include <string.h>

#include "cli/inspect.h"
#include "util/mem.h"

/* What people look for first, and what it is called here. */
static const struct {
	const char *key, *name;
} important[] = {
	{ "aps-environment", "aps-environment" },
	{ "com.apple.developer.aps-environment", "aps-environment" }, /* Mac */
	{ "com.apple.security.application-groups", "app-groups" },
	{ "keychain-access-groups", "keychain-groups" },
	{ "com.apple.developer.associated-domains", "associated-domains" },
	{ "com.apple.developer.icloud-container-identifiers", "icloud-containers" },
	{ "beta-reports-active", "beta-reports-active" },
	{ "get-task-allow", "get-task-allow" },
};

/* WHAT says them. */
static const char *const said[] = {
	"application-identifier",
	"com.apple.application-identifier",
	"com.apple.developer.team-identifier",
};

static bool is_one_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(important); i++)
		if (strcmp(key, important[i].key) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(said); i++)
		if (strcmp(key, said[i]) == 0)
			return true;
	return false;
}

/* Longer texts are cut: entitlements are of 1 MiB at most. */
#define TEXT_MAX ((size_t)64 << 20)

/* Behind what is there; what does not fit is left out. */
PRINTF_LIKE(2, 3)
static void put(struct buf *text, const char *fmt, ...)
{
	struct error full = { 0 };
	va_list ap;

	va_start(ap, fmt);
	AUTO(drop_str) char *more = mem_vformat(fmt, ap);
	va_end(ap);
	if (!buf_append(text, slice_str(more), &full))
		error_clear(&full);
}

static void put_value(struct buf *text, const struct pl *v);

static void put_list(struct buf *text, const struct pl *v)
{
	bool is_dict = v->type == PL_DICT;

	put(text, is_dict ? "{" : "[");
	for (size_t i = 0; i < v->count; i++) {
		put(text, "%s%s%s", i > 0 ? ", " : "", is_dict ? v->keys[i] : "",
		    is_dict ? "=" : "");
		put_value(text, v->items[i]);
	}
	put(text, is_dict ? "}" : "]");
}

static void put_value(struct buf *text, const struct pl *v)
{
	char time[CLOCK_TEXT_BYTES];

	switch (v->type) {
	case PL_BOOL:
		put(text, "%s", v->boolean ? "yes" : "no");
		break;
	case PL_INT:
	case PL_UID:
		if (v->is_unsigned)
			put(text, "%llu", (unsigned long long)v->integer);
		else
			put(text, "%lld", (long long)v->integer);
		break;
	case PL_REAL:
		put(text, "%.17g", v->real);
		break;
	case PL_STRING:
		put(text, "%s", pl_text(v));
		break;
	case PL_DATE:
		clock_format_time(time, v->integer);
		put(text, "%s", time);
		break;
	case PL_DATA:
		put(text, "<");
		for (size_t i = 0; i < v->bytes.n; i++)
			put(text, "%02x", v->bytes.p[i]);
		put(text, ">");
		break;
	case PL_ARRAY:
	case PL_DICT:
		put_list(text, v);
		break;
	}
}

static char *text_of(const struct buf *text)
{
	return mem_str(text->n > 0 ? (const char *)text->p : "", text->n);
}

char *inspect_value(const struct pl *v)
{
	AUTO(buf_free) struct buf text = BUF_INIT(TEXT_MAX);

	put_value(&text, v);
	return text_of(&text);
}

/* How many, where it is a list; else the value. */
static void put_brief(struct buf *line, const char *name, const struct pl *v)
{
	put(line, "%s%s=", line->n > 0 ? "  " : "", name);
	if (v->type == PL_ARRAY)
		put(line, "%zu", v->count);
	else
		put_value(line, v);
}

static void add_all(struct answers *out, const struct pl *entitlements)
{
	for (size_t i = 0; i < entitlements->count; i++) {
		AUTO(drop_str) char *value = inspect_value(entitlements->items[i]);

		answers_add(out, ASK_HOW, TERM_PLAIN, "%s=%s", entitlements->keys[i],
		            value);
	}
}

/* "com.apple.developer.healthkit" is "healthkit". */
static const char *short_key(const char *key)
{
	static const char *const starts[] = { "com.apple.developer.",
		                              "com.apple.security.", "com.apple." };

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		size_t n = strlen(starts[i]);
		if (strncmp(key, starts[i], n) == 0 && key[n] != '\0')
			return key + n;
	}
	return key;
}

static void put_others(struct buf *others, const struct pl *entitlements)
{
	for (size_t i = 0; i < entitlements->count; i++)
		if (!is_one_of(entitlements->keys[i]))
			put(others, "%s%s", others->n > 0 ? ", " : "",
			    short_key(entitlements->keys[i]));
}

void inspect_add_claims(struct answers *out, const struct pl *entitlements,
                        const struct inspect_view *view)
{
	AUTO(buf_free) struct buf line = BUF_INIT(TEXT_MAX);
	AUTO(buf_free) struct buf others = BUF_INIT(TEXT_MAX);

	if (entitlements == NULL)
		return;
	if (view->is_full) {
		add_all(out, entitlements);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(important); i++) {
		const struct pl *v = pl_get(entitlements, important[i].key);

		if (v != NULL)
			put_brief(&line, important[i].name, v);
	}
	/* Whether a debugger may attach is asked of every app. */
	if (pl_get(entitlements, "get-task-allow") == NULL)
		put(&line, "%sget-task-allow=no", line.n > 0 ? "  " : "");
	AUTO(drop_str) char *text = text_of(&line);
	answers_add(out, ASK_HOW, TERM_PLAIN, "%s", text);
	put_others(&others, entitlements);
	if (others.n == 0)
		return;
	AUTO(drop_str) char *more = text_of(&others);
	answers_add(out, ASK_HOW, TERM_PLAIN, "also %s", more);
}
