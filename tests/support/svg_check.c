/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "picture/measure.h"
#include "support/xml_check.h"
#include "util/mem.h"

struct box {
	long left, right, top, bottom;
	const char *text;
};

static long number(const struct xml_element *e, const char *name)
{
	const char *value = xml_attr(e, name);

	return value != NULL ? strtol(value, NULL, 10) : 0;
}

static struct box label_box(const struct xml_element *e)
{
	const char *anchor = xml_attr(e, "text-anchor");
	const long size = number(e, "font-size"), x = number(e, "x"),
		   y = number(e, "y");
	const long width = (long)measure_text(e->text, (unsigned)size,
	                                      xml_attr(e, "font-weight") != NULL);
	const long left = anchor == NULL                  ? x
	                  : strcmp(anchor, "middle") == 0 ? x - (width + 1) / 2
	                                                  : x - width;

	return (struct box){ left, left + width, y - size * 4 / 5, y + size / 5,
		             e->text };
}

static bool refuse(struct xml_doc *doc, const char *why, const struct box *a,
                   const struct box *b)
{
	snprintf(doc->problem, sizeof(doc->problem), "%s: \"%.60s\" \"%.60s\"", why,
	         a->text, b != NULL ? b->text : "");
	return false;
}

bool svg_labels_are_apart(struct xml_doc *doc)
{
	AUTO(drop_str) char *memory = mem_zero(doc->count + 1, sizeof(struct box));
	struct box *boxes = (void *)memory;
	const long width = number(&doc->elements[0], "width");
	const long height = number(&doc->elements[0], "height");
	size_t n = 0;

	for (size_t i = 0; i < doc->count; i++) {
		if (strcmp(doc->elements[i].name, "text") != 0)
			continue;
		const struct box b = label_box(&doc->elements[i]);
		if (b.left < 0 || b.right > width || b.top < 0 || b.bottom > height)
			return refuse(doc, "outside", &b, NULL);
		for (size_t k = 0; k < n; k++)
			if (b.left < boxes[k].right && boxes[k].left < b.right &&
			    b.top < boxes[k].bottom && boxes[k].top < b.bottom)
				return refuse(doc, "overlap", &b, &boxes[k]);
		boxes[n++] = b;
	}
	return true;
}

bool svg_has_label(const struct xml_doc *doc, const char *text)
{
	for (size_t i = 0; i < doc->count; i++) {
		const struct xml_element *e = &doc->elements[i];
		const size_t n = strlen(text);
		if (strcmp(e->name, "text") == 0 && strncmp(e->text, text, n) == 0 &&
		    (e->text[n] == '\0' || strcmp(e->text + n, "…") == 0))
			return true;
	}
	return false;
}
