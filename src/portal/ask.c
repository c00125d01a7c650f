/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters of a GET (spec asc.md 1.1): each is known or refused.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "portal/portal_impl.h"
#include "util/base64.h"
#include "util/mem.h"

#define SQL_MAX_BYTES ((size_t)64 << 10)

void ask_free(struct ask *ask)
{
	for (size_t i = 0; i < ask->text_count; i++)
		free(ask->texts[i]);
	buf_free(&ask->where);
	buf_free(&ask->order);
}

/* ---- pieces ---- */

/* Split at commas in place; empty pieces are left out. */
static char *next_piece(char **rest)
{
	char *piece;

	do {
		piece = strsep(rest, ",");
	} while (piece != NULL && *piece == '\0');
	return piece;
}

static bool bad_value(struct call *c, const char *parameter, const char *value,
                      const char *what)
{
	return problem_note(&c->problems, PROBLEM_PARAMETER_INVALID, parameter,
	                    "'%s' is not a valid %s", value, what);
}

static bool illegal(struct call *c, const char *parameter)
{
	return problem_note(&c->problems, PROBLEM_PARAMETER_ILLEGAL, parameter,
	                    "The parameter '%s' can not be used with this request",
	                    parameter);
}

/* "filter[name]" -> filter, name; "filter[name][]" too. */
struct name {
	char base[32], inner[64];
};

static bool split_name(struct name *out, const char *text)
{
	const char *open = strchr(text, '[');
	const char *close = open != NULL ? strchr(open, ']') : NULL;

	*out = (struct name){ 0 };
	if (open == NULL)
		return snprintf(out->base, sizeof out->base, "%s", text) <
		       (int)sizeof out->base;
	if (close == NULL || (close[1] != '\0' && strcmp(close + 1, "[]") != 0))
		return false;
	size_t base = (size_t)(open - text), inner = (size_t)(close - open - 1);
	if (base >= sizeof out->base || inner >= sizeof out->inner)
		return false;
	memcpy(out->base, text, base);
	memcpy(out->inner, open + 1, inner);
	return true;
}

/* What the answer's data are: of a related GET, what it leads to. */
static const struct resource *subject(const struct call *c)
{
	if (c->operation != GET_RELATED)
		return c->resource;
	return c->relation->target >= 0 ? &resources[c->relation->target]
	                                : &resource_none;
}

/* May the answer be searched, sorted and widened? */
static bool is_searched(const struct call *c)
{
	return c->operation == GET_COLLECTION ||
	       (c->operation == GET_RELATED && c->relation->is_searchable);
}

/* ---- numbers ---- */

static bool read_number(size_t *out, const char *text, size_t max)
{
	size_t n = 0;

	if (*text == '\0' || strlen(text) > 9)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (size_t)(*text - '0');
	}
	*out = n;
	return n >= 1 && n <= max;
}

static bool read_limit(struct call *c, const struct name *name, const char *parameter,
                       const char *value)
{
	const struct resource *r = subject(c);

	if (name->inner[0] == '\0') {
		if (c->operation == GET_INSTANCE)
			return illegal(c, parameter);
		return read_number(&c->ask.limit, value, MAX_LIMIT) ||
		       bad_value(c, parameter, value, "limit: it is from 1 to 200");
	}
	const struct relation *rel = relation_find(r, name->inner);
	if (rel == NULL || !rel->is_many ||
	    (c->operation != GET_INSTANCE && !is_searched(c)))
		return illegal(c, parameter);
	return read_number(&c->ask.linked[rel - r->relations], value, MAX_LINKED) ||
	       bad_value(c, parameter, value, "limit: it is from 1 to 50");
}

/* {"offset":"20"} in base64, as Apple's are. */
static bool read_cursor(struct call *c, const char *value)
{
	AUTO(buf_free) struct buf text = BUF_INIT(64);
	AUTO(drop_json) json_t *root = NULL;
	struct error ignored = { 0 };
	const char *offset = NULL;

	if (base64_read(&text, slice_str(value), BASE64_PLAIN, &ignored) &&
	    jsonio_parse(&root, buf_slice(&text), &ignored) && json_is_object(root))
		offset = json_string_value(json_object_get(root, "offset"));
	if (offset != NULL && (strcmp(offset, "0") == 0 ||
	                       read_number(&c->ask.offset, offset, 999999999)))
		return true;
	return problem_note(&c->problems, PROBLEM_PARAMETER_INVALID, "cursor",
	                    "'%s' is not a valid cursor for this request", value);
}

/* ---- lists of names ---- */

static bool read_fields(struct call *c, const struct name *name, const char *parameter,
                        char *list)
{
	const struct resource *r = resource_find(name->inner);
	const char *piece;
	uint32_t bits = 0;

	if (r == NULL || c->operation == GET_RELATIONSHIP)
		return illegal(c, parameter);
	while ((piece = next_piece(&list)) != NULL) {
		uint32_t bit = field_bit(r, piece);

		if (bit == 0)
			return bad_value(c, parameter, piece, "field name");
		bits |= bit;
	}
	uint32_t *all = &c->ask.fields[r - resources];
	*all = *all == ALL_FIELDS ? bits : *all | bits;
	return true;
}

static bool read_include(struct call *c, const char *parameter, char *list)
{
	const struct resource *r = subject(c);
	const char *piece;

	if ((c->operation != GET_INSTANCE && !is_searched(c)) ||
	    r->relations[0].name == NULL)
		return illegal(c, parameter);
	while ((piece = next_piece(&list)) != NULL) {
		const struct relation *rel = relation_find(r, piece);

		if (rel == NULL)
			return bad_value(c, parameter, piece, "relationship name");
		c->ask.include |= relation_bit((size_t)(rel - r->relations));
	}
	return true;
}

static bool append(struct call *c, struct buf *to, const char *text)
{
	struct error err = { 0 };

	return buf_append_str(to, text, &err) || call_failed(c, &err);
}

static bool read_sort(struct call *c, const char *parameter, char *list)
{
	const char *piece;

	if (!is_searched(c))
		return illegal(c, parameter);
	while ((piece = next_piece(&list)) != NULL) {
		bool down = *piece == '-';

		if (!is_word(subject(c)->sorts, piece + (down ? 1 : 0)))
			return bad_value(c, parameter, piece, "sort field");
		if (!append(c, &c->ask.order, "\"") ||
		    !append(c, &c->ask.order, piece + (down ? 1 : 0)) ||
		    !append(c, &c->ask.order, down ? "\" DESC, " : "\", "))
			return false;
	}
	return true;
}

/* ---- filters ---- */

static char *lower(const char *text, const char *without)
{
	char *copy = mem_copy(text), *to = copy;

	for (const char *p = text; *p != '\0'; p++)
		if (strchr(without, *p) == NULL)
			*to++ = (char)tolower((unsigned char)*p);
	*to = '\0';
	return copy;
}

/* "%value%" in lower case, for LIKE with the escape '!'. */
static char *like_text(const char *value)
{
	char *text = mem_zero(2 * strlen(value) + 3, 1), *to = text;

	*to++ = '%';
	for (; *value != '\0'; value++) {
		if (strchr("%_!", *value) != NULL)
			*to++ = '!';
		*to++ = (char)tolower((unsigned char)*value);
	}
	*to = '%';
	return text;
}

/* Serials are compared without leading zeros, in upper case. */
static char *serial_text(const char *text)
{
	char *copy = mem_copy(text + strspn(text, "0"));

	for (char *p = copy; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return copy;
}

static size_t add_text(struct ask *ask, char *text)
{
	ask->texts[ask->text_count++] = text;
	ask->args[ask->arg_count++] = DB_TEXT_OF(text);
	return ask->arg_count;
}

/* One value of a filter as a condition. */
static bool add_condition(struct call *c, const struct filter *f, const char *value)
{
	struct ask *ask = &c->ask;
	struct error err = { 0 };
	size_t n;
	bool ok;

	switch (f->how) {
	case FILTER_CONTAINS:
		n = add_text(ask, like_text(value));
		ok = buf_append_format(&ask->where, &err,
		                       "lower(\"%s\") LIKE $%zu ESCAPE '!'", f->name,
		                       n);
		break;
	case FILTER_UDID:
		n = add_text(ask, lower(value, "-"));
		ok = buf_append_format(&ask->where, &err, "udid_key = $%zu", n);
		break;
	case FILTER_SERIAL:
		n = add_text(ask, serial_text(value));
		ok = buf_append_format(&ask->where, &err, "\"%s\" = $%zu", f->name, n);
		break;
	case FILTER_PLATFORM:
		n = add_text(ask, mem_copy(value));
		ok = buf_append_format(&ask->where, &err,
		                       "\"%s\" IN ($%zu, 'UNIVERSAL')", f->name, n);
		break;
	default:
		n = add_text(ask, mem_copy(value));
		ok = buf_append_format(&ask->where, &err, "\"%s\" = $%zu", f->name, n);
		break;
	}
	return ok || call_failed(c, &err);
}

static const struct filter *filter_find(const struct resource *r, const char *name)
{
	for (const struct filter *f = r->filters; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* Values of one filter are alternatives; several filters hold together. */
static bool read_filter(struct call *c, const struct name *name, const char *parameter,
                        char *list)
{
	const struct filter *f = NULL;
	const char *piece;
	bool is_first = true;

	if (is_searched(c))
		f = filter_find(subject(c), name->inner);
	if (f == NULL)
		return illegal(c, parameter);
	while ((piece = next_piece(&list)) != NULL) {
		if (f->words != NULL && !is_word(f->words, piece))
			return bad_value(c, parameter, piece, "filter type");
		if (c->ask.arg_count == MAX_FILTERS)
			return bad_value(c, parameter, piece,
			                 "filter: there are too many");
		if (!append(c, &c->ask.where, is_first ? "AND (" : " OR ") ||
		    !add_condition(c, f, piece))
			return false;
		is_first = false;
	}
	return is_first || append(c, &c->ask.where, ") ");
}

/* ---- all of them ---- */

/* Repeated parameters are one list: filter[id]=a&filter[id]=b. */
static char *all_values(const struct http_request *r, size_t at)
{
	const char *name = r->parameters[at].name;
	size_t base = strcspn(name, "]");
	char *list = mem_copy(r->parameters[at].value);

	for (size_t i = at + 1; i < r->parameter_count; i++) {
		if (strncmp(r->parameters[i].name, name, base + 1) != 0)
			continue;
		char *longer = mem_format("%s,%s", list, r->parameters[i].value);
		free(list);
		list = longer;
	}
	return list;
}

static bool is_repeated(const struct http_request *r, size_t at)
{
	const char *name = r->parameters[at].name;
	size_t base = strcspn(name, "]");

	for (size_t i = 0; i < at; i++)
		if (strncmp(r->parameters[i].name, name, base + 1) == 0)
			return true;
	return false;
}

static bool read_one(struct call *c, size_t at)
{
	const char *parameter = c->request->parameters[at].name;
	struct name name;

	if (is_repeated(c->request, at))
		return true;
	AUTO(drop_str) char *list = all_values(c->request, at);
	if (!split_name(&name, parameter))
		return illegal(c, parameter);
	if (strcmp(name.base, "filter") == 0)
		return read_filter(c, &name, parameter, list);
	if (strcmp(name.base, "fields") == 0)
		return read_fields(c, &name, parameter, list);
	if (strcmp(name.base, "limit") == 0)
		return read_limit(c, &name, parameter, list);
	if (name.inner[0] != '\0')
		return illegal(c, parameter);
	if (strcmp(name.base, "include") == 0)
		return read_include(c, parameter, list);
	if (strcmp(name.base, "sort") == 0)
		return read_sort(c, parameter, list);
	if (strcmp(name.base, "cursor") == 0 && c->operation != GET_INSTANCE)
		return read_cursor(c, list);
	return illegal(c, parameter);
}

static bool is_reading(const struct call *c)
{
	return c->operation == GET_COLLECTION || c->operation == GET_INSTANCE ||
	       c->operation == GET_RELATED || c->operation == GET_RELATIONSHIP;
}

bool ask_read(struct call *c)
{
	struct ask *ask = &c->ask;
	bool ok = true;

	ask->limit = DEFAULT_LIMIT;
	ask->where = BUF_INIT(SQL_MAX_BYTES);
	ask->order = BUF_INIT(SQL_MAX_BYTES);
	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		ask->fields[i] = ALL_FIELDS;
	for (size_t i = 0; i < MAX_RELATIONS; i++)
		ask->linked[i] = MAX_LINKED;
	ask->args[ask->arg_count++] = DB_INT_OF(authority_now(c->a));
	/* Nothing is said of those of a change: they have no say. */
	for (size_t i = 0; is_reading(c) && i < c->request->parameter_count; i++)
		ok = read_one(c, i) && ok;
	return ok;
}
