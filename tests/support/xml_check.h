/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_check.h - a small strict judge of XML that we write: well formed, and no way to
 * the outside.
 *
 * Stricter than XML: every attribute in double quotes, only the five entities and
 * decimal references, no comments, no processing instructions, no CDATA; no script
 * and style with a reference, no attribute on..., no href or src that leaves the
 * page.  "<!DOCTYPE html>" may stand in front.
 */
#pragma once

#include <stddef.h>

#include "util/slice.h"

#define XML_ATTRS_MAX 24

struct xml_attr {
	char *name, *value; /* decoded */
};

struct xml_element {
	char *name;
	size_t parent; /* SIZE_MAX: the root */
	struct xml_attr attrs[XML_ATTRS_MAX];
	size_t attr_count;
	char *text; /* directly in it, decoded */
};

struct xml_doc {
	struct xml_element *elements; /* in the order of their start tags */
	size_t count, cap;
	char problem[200]; /* why it was refused */
};

/* false: out->problem says why.  Release with xml_free() in any case. */
bool xml_parse(struct xml_doc *out, struct slice text);
void xml_free(struct xml_doc *doc); /* for AUTO() */

/* The value of an attribute, or NULL. */
const char *xml_attr(const struct xml_element *e, const char *name);

/* How many elements have the name. */
size_t xml_count(const struct xml_doc *doc, const char *name);

/*
 * Of an <svg>: is every <text> inside its viewBox, and does none of them overlap
 * another?  Measured with picture/measure.h.  problem: which, in doc->problem.
 */
bool svg_labels_are_apart(struct xml_doc *doc);
/* Is there a <text> that begins with it (an ellipsis may end it)? */
bool svg_has_label(const struct xml_doc *doc, const char *text);
