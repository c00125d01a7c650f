/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports for other programs: SARIF 2.1.0 (OASIS), JUnit's XML.
 */
#include <string.h>

#include "cli/doctor_print.h"
#include "util/jsonio.h"
#include "util/mem.h"
#include "util/utf8.h"

static const char *level_of(const struct diagnosis *d)
{
	if (d->certainty == DIAGNOSIS_RULED_OUT)
		return "none";
	if (d->certainty == DIAGNOSIS_POSSIBLE)
		return "note";
	return d->is_warning ? "warning" : "error";
}

/* The file is what is before ": " in a subject; a message alone is in the log. */
static json_t *location_json(const struct diagnosis *d)
{
	const char *end = strstr(d->subject, ": ");
	size_t n = end != NULL ? (size_t)(end - d->subject) : strlen(d->subject);
	AUTO(drop_str) char *file = n > 0 ? mem_str(d->subject, n) : mem_copy("log");
	json_t *place =
		json_pack("{s:{s:o}}", "artifactLocation", "uri", jsonio_text(file));

	if (d->line > 0 && n == 0)
		json_object_set_new(place, "region",
		                    json_pack("{s:I}", "startLine",
		                              (json_int_t)d->line));
	return json_pack("[{s:o}]", "physicalLocation", place);
}

static json_t *result_json(const struct diagnosis *d)
{
	const char *command = diagnosis_command(d);
	AUTO(drop_str)
	char *text = mem_format("%s%s%s", diagnosis_text(d),
	                        command != NULL ? ". Fix: " : "",
	                        command != NULL ? command : "");

	return json_pack("{s:s, s:s, s:s, s:{s:o}, s:o}", "ruleId", d->id, "level",
	                 level_of(d), "kind",
	                 d->certainty == DIAGNOSIS_RULED_OUT ? "pass" : "fail",
	                 "message", "text", jsonio_text(text), "locations",
	                 location_json(d));
}

/* Each rule once. */
static void add_rule(json_t *rules, const char *id)
{
	const struct explain_entry *entry = explain_find(id);
	size_t i;
	json_t *old;

	json_array_foreach(rules, i, old)
	{
		if (strcmp(json_string_value(json_object_get(old, "id")), id) == 0)
			return;
	}
	json_array_append_new(rules,
	                      json_pack("{s:s, s:{s:s}}", "id", id, "shortDescription",
	                                "text", entry != NULL ? entry->title : id));
}

json_t *doctor_sarif(const struct diagnoses *all, const struct doctor *d)
{
	AUTO(drop_json) json_t *rules = json_array();
	AUTO(drop_json) json_t *results = json_array();

	(void)d;
	for (size_t i = 0; i < all->count; i++) {
		add_rule(rules, all->items[i].id);
		json_array_append_new(results, result_json(&all->items[i]));
	}
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:O}}, s:O}]}", "$schema",
	                 "https://json.schemastore.org/sarif-2.1.0.json", "version",
	                 "2.1.0", "runs", "tool", "driver", "name", "sealring",
	                 "version", SEALRING_VERSION, "rules", rules, "results",
	                 results);
}

/* ---- JUnit ---- */

/* Text of XML 1.0: what may not stand in it becomes '?'. */
static bool put_text(struct buf *out, const char *text, struct error *err)
{
	struct slice rest = slice_str(text);

	while (rest.n > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(&c, rest);
		const char *as = NULL;

		if (n == 0 || (c < 0x20 && c != '\n' && c != '\t') || c == 0xfffe ||
		    c == 0xffff)
			as = "?";
		else if (c == '<')
			as = "&lt;";
		else if (c == '>')
			as = "&gt;";
		else if (c == '&')
			as = "&amp;";
		else if (c == '"')
			as = "&quot;";
		n = n > 0 ? n : 1;
		if (!(as != NULL ? buf_append_str(out, as, err)
		                 : buf_append(out, slice_of(rest.p, n), err)))
			return false;
		rest = slice_of(rest.p + n, rest.n - n);
	}
	return true;
}

static bool put_attribute(struct buf *out, const char *name, const char *value,
                          struct error *err)
{
	return buf_append_format(out, err, " %s=\"", name) &&
	       put_text(out, value, err) && buf_append_str(out, "\"", err);
}

static bool put_failure(struct buf *out, const struct diagnosis *d, struct error *err)
{
	const char *command = diagnosis_command(d);

	if (!buf_append_str(out, "<failure", err) ||
	    !put_attribute(out, "type", d->id, err) ||
	    !put_attribute(out, "message", diagnosis_text(d), err) ||
	    !buf_append_str(out, ">", err))
		return false;
	for (size_t i = 0; i < d->fact_count; i++) {
		AUTO(drop_str)
		char *line = mem_format("%s %s %s\n", d->facts[i].where,
		                        d->facts[i].field, d->facts[i].value);

		if (!put_text(out, line, err))
			return false;
	}
	return (command == NULL ||
	        (buf_append_str(out, "fix: ", err) && put_text(out, command, err))) &&
	       buf_append_str(out, "</failure>", err);
}

static bool is_failure(const struct diagnosis *d)
{
	return !d->is_warning && d->certainty != DIAGNOSIS_RULED_OUT;
}

static bool put_case(struct buf *out, const struct diagnosis *d, struct error *err)
{
	return buf_append_str(out, "    <testcase classname=\"sealring.doctor\"",
	                      err) &&
	       put_attribute(out, "name", d->id, err) &&
	       put_attribute(out, "file", d->subject, err) &&
	       buf_append_str(out, ">", err) &&
	       (!is_failure(d) || put_failure(out, d, err)) &&
	       buf_append_str(out, "</testcase>\n", err);
}

bool doctor_junit(struct buf *out, const struct diagnoses *all, const struct doctor *d,
                  struct error *err)
{
	size_t failures = 0;

	(void)d;
	for (size_t i = 0; i < all->count; i++)
		failures += is_failure(&all->items[i]);
	/* One that passed says that somebody looked. */
	if (!buf_append_format(out, err,
	                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                       "<testsuites>\n  <testsuite name=\"sealring doctor\" "
	                       "tests=\"%zu\" failures=\"%zu\">\n",
	                       all->count > 0 ? all->count : 1, failures) ||
	    (all->count == 0 &&
	     !buf_append_str(out,
	                     "    <testcase classname=\"sealring.doctor\" "
	                     "name=\"nothing found\"></testcase>\n",
	                     err)))
		return false;
	for (size_t i = 0; i < all->count; i++)
		if (!put_case(out, &all->items[i], err))
			return false;
	return buf_append_str(out, "  </testsuite>\n</testsuites>\n", err);
}
