/* SPDX-License-Identifier: Apache-2.0 */
#include "support/xml_check.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/buf.h"
#include "util/mem.h"
#include "util/utf8.h"

#define TEXT_MAX  ((size_t)8 << 20)
#define DEPTH_MAX 64

struct parse {
	struct xml_doc *doc;
	struct slice all, rest;
	size_t open[DEPTH_MAX], depth;
};

static bool refuse(struct parse *p, const char *why)
{
	if (p->doc->problem[0] == '\0')
		snprintf(p->doc->problem, sizeof(p->doc->problem),
		         "%s at byte %zu: %.40s", why, p->all.n - p->rest.n,
		         (const char *)p->rest.p);
	return false;
}

static bool starts(const struct parse *p, const char *text)
{
	const size_t n = strlen(text);

	return p->rest.n >= n && memcmp(p->rest.p, text, n) == 0;
}

static void skip(struct parse *p, size_t n)
{
	p->rest = slice_of(p->rest.p + n, p->rest.n - n);
}

static bool take(struct parse *p, const char *text)
{
	if (!starts(p, text))
		return false;
	skip(p, strlen(text));
	return true;
}

static bool is_char(uint32_t c)
{
	return c == '\n' || (c >= 0x20 && c < 0x7f) ||
	       (c > 0x9f && c != 0xfffe && c != 0xffff &&
	        !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069));
}

/* One character of content or of a value, decoded, appended to out. */
static bool take_char(struct parse *p, struct buf *out)
{
	static const struct {
		const char *name, *text;
	} entities[] = { { "&amp;", "&" },
		         { "&lt;", "<" },
		         { "&gt;", ">" },
		         { "&quot;", "\"" },
		         { "&#39;", "'" } };
	struct error err = { 0 };
	uint32_t c = 0;

	for (size_t i = 0; i < ARRAY_LEN(entities); i++)
		if (take(p, entities[i].name))
			return buf_append_str(out, entities[i].text, &err);
	if (starts(p, "&"))
		return refuse(p, "entity");
	const size_t n = utf8_next(&c, p->rest);
	if (n == 0 || !is_char(c))
		return refuse(p, "character");
	if (!buf_append(out, slice_of(p->rest.p, n), &err))
		return refuse(p, "too long");
	skip(p, n);
	return true;
}

static char *take_name(struct parse *p)
{
	size_t n = 0;

	while (n < p->rest.n &&
	       (isalnum(p->rest.p[n]) || p->rest.p[n] == '-' || p->rest.p[n] == ':'))
		n++;
	if (n == 0 || !isalpha(p->rest.p[0]))
		return NULL;
	char *name = mem_str(p->rest.p, n);
	skip(p, n);
	return name;
}

const char *xml_attr(const struct xml_element *e, const char *name)
{
	for (size_t i = 0; i < e->attr_count; i++)
		if (strcmp(e->attrs[i].name, name) == 0)
			return e->attrs[i].value;
	return NULL;
}

static bool leaves_the_page(const char *name, const char *value)
{
	if (strcmp(name, "href") == 0 || strcmp(name, "src") == 0)
		return value[0] != '#';
	if (strncmp(name, "xmlns", 5) == 0)
		return false;
	return strstr(value, "://") != NULL ||
	       (strstr(value, "url(") != NULL && strstr(value, "url(#") == NULL);
}

static bool take_attr(struct parse *p, struct xml_element *e)
{
	AUTO(drop_str) char *name = take_name(p);
	AUTO(buf_free) struct buf value = BUF_INIT(TEXT_MAX);

	if (name == NULL || !take(p, "=\""))
		return refuse(p, "attribute");
	while (!starts(p, "\"")) {
		if (starts(p, "<") || !take_char(p, &value))
			return refuse(p, "value");
	}
	skip(p, 1);
	if (xml_attr(e, name) != NULL || e->attr_count == XML_ATTRS_MAX)
		return refuse(p, "attribute twice, or too many");
	AUTO(drop_str) char *text = mem_str(value.p, value.n);
	if (strncmp(name, "on", 2) == 0 || leaves_the_page(name, text))
		return refuse(p, "way to the outside");
	e->attrs[e->attr_count++] =
		(struct xml_attr){ .name = STEAL(name), .value = STEAL(text) };
	return true;
}

static bool take_start(struct parse *p)
{
	struct xml_doc *doc = p->doc;

	doc->elements =
		mem_grow(doc->elements, doc->count, &doc->cap, sizeof(*doc->elements));
	struct xml_element *e = &doc->elements[doc->count];
	*e = (struct xml_element){ .parent = p->depth > 0 ? p->open[p->depth - 1]
		                                          : SIZE_MAX,
		                   .text = mem_copy("") };
	doc->count++;
	e->name = take_name(p);
	if (e->name == NULL || strcmp(e->name, "script") == 0)
		return refuse(p, "name");
	if (p->depth == 0 && doc->count > 1)
		return refuse(p, "second root");
	while (take(p, " "))
		if (!take_attr(p, e))
			return false;
	if (take(p, "/>"))
		return true;
	if (!take(p, ">") || p->depth == DEPTH_MAX)
		return refuse(p, "start tag");
	p->open[p->depth++] = doc->count - 1;
	return true;
}

static bool take_end(struct parse *p)
{
	AUTO(drop_str) char *name = take_name(p);

	if (name == NULL || p->depth == 0 ||
	    strcmp(name, p->doc->elements[p->open[p->depth - 1]].name) != 0 ||
	    !take(p, ">"))
		return refuse(p, "end tag");
	p->depth--;
	return true;
}

static bool take_text(struct parse *p)
{
	AUTO(buf_free) struct buf text = BUF_INIT(TEXT_MAX);
	struct error err = { 0 };

	if (p->depth == 0)
		return take(p, "\n") || refuse(p, "text outside");
	struct xml_element *e = &p->doc->elements[p->open[p->depth - 1]];
	if (!buf_append_str(&text, e->text, &err))
		return false;
	while (p->rest.n > 0 && !starts(p, "<"))
		if (!take_char(p, &text))
			return false;
	free(e->text);
	e->text = mem_str(text.p, text.n);
	if (strcmp(e->name, "style") == 0 &&
	    (strstr(e->text, "url(") != NULL || strstr(e->text, "@import") != NULL))
		return refuse(p, "style with a reference");
	return true;
}

bool xml_parse(struct xml_doc *out, struct slice text)
{
	struct parse p = { .doc = out, .all = text, .rest = text };

	*out = (struct xml_doc){ 0 };
	(void)take(&p, "<!DOCTYPE html>\n");
	while (p.rest.n > 0) {
		const bool ok = take(&p, "</")  ? take_end(&p)
		                : take(&p, "<") ? take_start(&p)
		                                : take_text(&p);
		if (!ok)
			return refuse(&p, "bad");
	}
	return p.depth == 0 && out->count > 0 ? true : refuse(&p, "not closed");
}

void xml_free(struct xml_doc *doc)
{
	for (size_t i = 0; i < doc->count; i++) {
		struct xml_element *e = &doc->elements[i];
		for (size_t k = 0; k < e->attr_count; k++) {
			free(e->attrs[k].name);
			free(e->attrs[k].value);
		}
		free(e->name);
		free(e->text);
	}
	free(doc->elements);
	*doc = (struct xml_doc){ 0 };
}

size_t xml_count(const struct xml_doc *doc, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < doc->count; i++)
		n += strcmp(doc->elements[i].name, name) == 0;
	return n;
}
