/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the XML form.  Strict where parsers are known to differ (duplicate
 * keys, entities, document types, what follows the end), because the system
 * that judges our signatures uses another parser and must see the same.
 */
#include "util/mem.h"
#include "util/plist_impl.h"
#include "util/utf8.h"

#define MAX_TAG_SHOWN 32 /* bytes of an unknown tag that messages show */

struct parser {
	struct slice all;
	size_t pos;
	size_t nodes;
	const char *what;
};

/* A tag: its name and how it ends. */
struct tag {
	struct slice name;
	bool closes;   /* </name> */
	bool is_empty; /* <name/> */
};

static bool parse_value(struct pl **out, struct parser *p, struct tag tag,
                        unsigned depth, struct error *err);

static bool fail(const struct parser *p, struct error *err, const char *why)
{
	size_t line = 1;

	for (size_t i = 0; i < p->pos && i < p->all.n; i++)
		line += p->all.p[i] == '\n';
	return error_set(err, ERROR_FORMAT,
	                 "\"%s\" is not a valid property list: line %zu: %s", p->what,
	                 line, why);
}

static struct slice rest(const struct parser *p)
{
	return slice_of(p->all.p + p->pos, p->all.n - p->pos);
}

static bool starts_with(struct slice s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && memcmp(s.p, text, n) == 0;
}

static bool is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool names(struct tag tag, const char *name)
{
	return slice_equal(tag.name, slice_str(name));
}

/* Behind the next occurrence of end. */
static bool skip_past(struct parser *p, const char *end, struct error *err)
{
	struct slice after = { 0 };

	if (!slice_cut(rest(p), slice_str(end), NULL, &after))
		return fail(p, err, "a comment or declaration never ends");
	p->pos = p->all.n - after.n;
	return true;
}

/* Only the outer declaration: entities could be defined in an inner one. */
static bool skip_doctype(struct parser *p, struct error *err)
{
	struct slice before = { 0 };

	if (!slice_cut(rest(p), slice_str(">"), &before, NULL))
		return fail(p, err, "the document type never ends");
	if (memchr(before.p, '[', before.n) != NULL)
		return fail(p, err, "the document type has declarations inside");
	p->pos += before.n + 1;
	return true;
}

/* White space and comments. */
static bool skip_blank(struct parser *p, struct error *err)
{
	for (;;) {
		while (p->pos < p->all.n && is_space(p->all.p[p->pos]))
			p->pos++;
		if (!starts_with(rest(p), "<!--"))
			return true;
		p->pos += 4;
		if (!skip_past(p, "-->", err))
			return false;
	}
}

/* The XML declaration, comments, and the document type. */
static bool skip_prolog(struct parser *p, struct error *err)
{
	if (starts_with(p->all, "\xef\xbb\xbf"))
		p->pos = 3;
	for (;;) {
		if (!skip_blank(p, err))
			return false;
		if (starts_with(rest(p), "<?")) {
			if (!skip_past(p, "?>", err))
				return false;
		} else if (starts_with(rest(p), "<!DOCTYPE")) {
			if (!skip_doctype(p, err))
				return false;
		} else {
			return true;
		}
	}
}

/* The tag at the cursor; only <plist> may have attributes. */
static bool read_tag(struct tag *out, struct parser *p, struct error *err)
{
	struct tag tag = { 0 };
	struct slice inside = { 0 };

	if (p->pos == p->all.n)
		return fail(p, err, "it is cut short");
	if (p->all.p[p->pos] != '<')
		return fail(p, err, "text where a tag is expected");
	if (!slice_cut(rest(p), slice_str(">"), &inside, NULL))
		return fail(p, err, "a tag never ends");

	size_t whole = inside.n + 1;
	inside = slice_of(inside.p + 1, inside.n - 1);
	tag.closes = inside.n > 0 && inside.p[0] == '/';
	if (tag.closes)
		inside = slice_of(inside.p + 1, inside.n - 1);
	tag.is_empty = inside.n > 0 && inside.p[inside.n - 1] == '/';
	if (tag.is_empty)
		inside.n--;
	if (tag.closes && tag.is_empty)
		return fail(p, err, "a tag opens and closes at once");

	size_t n = 0;
	while (n < inside.n && !is_space(inside.p[n]))
		n++;
	tag.name = slice_of(inside.p, n);
	inside = slice_skip_space(slice_of(inside.p + n, inside.n - n));
	if (inside.n > 0 && (tag.closes || !names(tag, "plist")))
		return fail(p, err, "a tag has attributes");
	p->pos += whole;
	*out = tag;
	return true;
}

/* The tag that closes `name` stands at the cursor. */
static bool read_close(struct parser *p, struct tag open, struct error *err)
{
	struct tag tag;

	if (!read_tag(&tag, p, err))
		return false;
	if (!tag.closes || !slice_equal(tag.name, open.name))
		return fail(p, err, "a tag is not closed by its own");
	return true;
}

/* ---- text ---- */

/* "#13" or "#xd": a character that a string of ours can hold. */
static bool parse_numeric_entity(uint32_t *out, struct slice name)
{
	uint64_t c = 0;
	bool is_hex = name.n > 1 && name.p[1] == 'x';
	size_t skip = is_hex ? 2 : 1;

	if (name.n < skip || name.p[0] != '#')
		return false;
	if (!pl_digits(&c, slice_of(name.p + skip, name.n - skip), is_hex ? 16 : 10))
		return false;
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	*out = (uint32_t)c;
	return true;
}

static bool parse_entity(uint32_t *out, struct slice name)
{
	static const struct {
		const char *name;
		char value;
	} known[] = {
		{ "amp", '&' },  { "lt", '<' },    { "gt", '>' },
		{ "quot", '"' }, { "apos", '\'' },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (slice_equal(name, slice_str(known[i].name))) {
			*out = (unsigned char)known[i].value;
			return true;
		}
	}
	return parse_numeric_entity(out, name);
}

/* The entity at the cursor, which is at its '&'. */
static bool read_entity(struct buf *out, struct parser *p, struct error *err)
{
	struct slice near = rest(p), name = { 0 };
	unsigned char bytes[4];
	uint32_t c;

	/* The longest that makes sense is "&#x10ffff;"; zeros may be in front. */
	if (near.n > 32)
		near.n = 32;
	if (!slice_cut(slice_of(near.p + 1, near.n - 1), slice_str(";"), &name, NULL) ||
	    !parse_entity(&c, name))
		return fail(p, err, "an entity that is not one of XML's own");
	p->pos += name.n + 2;
	return buf_append(out, slice_of(bytes, utf8_put(bytes, c)), err);
}

static bool read_cdata(struct buf *out, struct parser *p, struct error *err)
{
	struct slice inside = { 0 };

	p->pos += strlen("<![CDATA[");
	if (!slice_cut(rest(p), slice_str("]]>"), &inside, NULL))
		return fail(p, err, "a CDATA section never ends");
	p->pos += inside.n + 3;
	return buf_append(out, inside, err);
}

/* Up to the next '<' or '&'. */
static struct slice read_run(struct parser *p)
{
	size_t start = p->pos;

	while (p->pos < p->all.n && p->all.p[p->pos] != '<' && p->all.p[p->pos] != '&')
		p->pos++;
	return slice_of(p->all.p + start, p->pos - start);
}

/*
 * The text of an element with its closing tag.  *text borrows from the input or,
 * where something had to be decoded, from *store.
 */
static bool read_text(struct slice *text, struct buf *store, struct parser *p,
                      struct tag open, struct error *err)
{
	*text = slice_str("");
	if (open.is_empty)
		return true;
	for (;;) {
		struct slice run = read_run(p);
		bool is_entity = p->pos < p->all.n && p->all.p[p->pos] == '&';
		bool is_cdata = starts_with(rest(p), "<![CDATA[");

		if (!is_entity && !is_cdata && store->n == 0) {
			*text = run;
			return read_close(p, open, err);
		}
		if (!buf_append(store, run, err))
			return false;
		if (is_entity && !read_entity(store, p, err))
			return false;
		if (is_cdata && !read_cdata(store, p, err))
			return false;
		if (!is_entity && !is_cdata) {
			*text = buf_slice(store);
			return read_close(p, open, err);
		}
	}
}

static struct slice trim(struct slice s)
{
	s = slice_skip_space(s);
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool parse_scalar(struct pl **out, struct parser *p, struct tag tag,
                         const struct pl_scalar *scalar, struct error *err)
{
	AUTO(buf_free) struct buf store = BUF_INIT(PL_MAX_BYTES);
	AUTO(drop_pl) struct pl *made = NULL;
	struct slice text;

	if (!read_text(&text, &store, p, tag, err))
		return false;
	if (!scalar->make(&made, scalar->keeps_space ? text : trim(text)))
		return fail(p, err, scalar->wrong);
	*out = STEAL(made);
	return true;
}

/* ---- containers ---- */

/* The next tag inside a container; *out is its closing tag at the end. */
static bool next_tag(struct tag *out, struct parser *p, struct error *err)
{
	return skip_blank(p, err) && read_tag(out, p, err);
}

static bool parse_array(struct pl **out, struct parser *p, struct tag open,
                        unsigned depth, struct error *err)
{
	AUTO(drop_pl) struct pl *array = pl_new_array();

	while (!open.is_empty) {
		struct pl *item = NULL;
		struct tag tag;

		if (!next_tag(&tag, p, err))
			return false;
		if (tag.closes && names(tag, "array"))
			break;
		if (!parse_value(&item, p, tag, depth, err))
			return false;
		pl_append(array, item);
	}
	*out = STEAL(array);
	return true;
}

static bool parse_key(char **out, struct parser *p, struct tag tag, struct error *err)
{
	AUTO(buf_free) struct buf store = BUF_INIT(PL_MAX_BYTES);
	struct slice text;

	if (tag.closes || !names(tag, "key"))
		return fail(p, err, "a value without a key in a dictionary");
	if (!read_text(&text, &store, p, tag, err))
		return false;
	*out = mem_str(text.p, text.n);
	return true;
}

static bool parse_dict(struct pl **out, struct parser *p, struct tag open,
                       unsigned depth, struct error *err)
{
	AUTO(drop_pl) struct pl *dict = pl_new_dict();

	while (!open.is_empty) {
		AUTO(drop_str) char *key = NULL;
		struct pl *value = NULL;
		struct tag tag;

		if (!next_tag(&tag, p, err))
			return false;
		if (tag.closes && names(tag, "dict"))
			break;
		if (!parse_key(&key, p, tag, err) || !next_tag(&tag, p, err) ||
		    !parse_value(&value, p, tag, depth, err))
			return false;
		pl_dict_add(dict, STEAL(key), value);
	}

	const char *twice = pl_dict_sort(dict);
	if (twice != NULL) {
		fail(p, err, "a key is there twice");
		return error_evidence(err, "key \"%s\"", twice);
	}
	*out = STEAL(dict);
	return true;
}

static bool parse_value(struct pl **out, struct parser *p, struct tag tag,
                        unsigned depth, struct error *err)
{
	bool is_dict = names(tag, "dict"), is_array = names(tag, "array");

	if (tag.closes)
		return fail(p, err, "a value is missing before a closing tag");
	if (++p->nodes > PL_MAX_NODES)
		return error_set(err, ERROR_LIMIT, "\"%s\" has more than %zu values",
		                 p->what, PL_MAX_NODES);
	if ((is_dict || is_array) && depth == PL_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT,
		                 "\"%s\" is nested more than %d levels deep", p->what,
		                 PL_MAX_DEPTH);
	if (is_dict)
		return parse_dict(out, p, tag, depth + 1, err);
	if (is_array)
		return parse_array(out, p, tag, depth + 1, err);

	const struct pl_scalar *scalar = pl_scalar_find(tag.name);
	if (scalar != NULL)
		return parse_scalar(out, p, tag, scalar, err);

	fail(p, err, "a tag that property lists do not have");
	return error_evidence(err, "tag \"%.*s\"",
	                      (int)(tag.name.n < MAX_TAG_SHOWN ? tag.name.n
	                                                       : MAX_TAG_SHOWN),
	                      tag.name.n > 0 ? (const char *)tag.name.p : "");
}

/* ---- the document ---- */

/* One pass over all of it, so that nothing below meets other bytes. */
static bool check_text(struct parser *p, struct error *err)
{
	while (p->pos < p->all.n) {
		unsigned char c = p->all.p[p->pos];
		size_t n = c < 0x80 ? 1 : utf8_next(NULL, rest(p));

		if (n == 0)
			return fail(p, err, "it is not UTF-8");
		if (c == '\0')
			return fail(p, err, "it has a NUL");
		p->pos += n;
	}
	p->pos = 0;
	return true;
}

static bool parse_document(struct pl **out, struct parser *p, struct error *err)
{
	struct tag tag, plist = { 0 };

	if (!skip_prolog(p, err) || !read_tag(&tag, p, err))
		return false;
	/* Apple's parser takes a bare value, too. */
	if (!names(tag, "plist"))
		return parse_value(out, p, tag, 0, err);
	if (tag.closes || tag.is_empty)
		return fail(p, err, "nothing is inside");
	plist = tag;

	AUTO(drop_pl) struct pl *root = NULL;
	if (!next_tag(&tag, p, err) || !parse_value(&root, p, tag, 0, err) ||
	    !skip_blank(p, err) || !read_close(p, plist, err))
		return false;
	*out = STEAL(root);
	return true;
}

bool pl_read_xml(struct pl **out, struct slice bytes, const char *what,
                 struct error *err)
{
	AUTO(drop_pl) struct pl *root = NULL;
	struct parser p = { .all = bytes, .what = what };

	if (!check_text(&p, err) || !parse_document(&root, &p, err))
		return false;
	if (slice_skip_space(rest(&p)).n > 0)
		return fail(&p, err, "something follows its end");
	*out = STEAL(root);
	return true;
}
