/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/matrix.h"

#include <stdio.h>

#include "util/jsonio.h"
#include "util/plural.h"
#include "util/term.h"

#define COLUMNS 5

static json_t *row_json(const struct device_entry *d, const struct finding *f)
{
	return json_pack("{s:s, s:o, s:b, s:o}", "udid", d->device.udid, "name",
	                 jsonio_text(d->name), "admitted", f == NULL, "decisive",
	                 f != NULL ? finding_json(f) : json_null());
}

static void add_row(struct term_table *table, const struct device_entry *d,
                    const struct finding *f)
{
	char code[VERDICT_CODE_TEXT] = "";

	if (f != NULL && f->rule->code != 0)
		verdict_code_text(code, f->rule);
	term_table_row(table, TERM_PLAIN, COLUMNS,
	               (const char *const[]){ f == NULL ? "OK" : "BAD", d->device.udid,
	                                      d->name, code,
	                                      f != NULL ? f->rule->id : "" });
	term_table_style(table, 0, f == NULL ? TERM_OK : TERM_BAD);
}

/* The first reason in full: rows have no room for it. */
static void print_first(const struct finding *f, const struct device_entry *d)
{
	fputs("first refused by ", stdout);
	term_safe(stdout, d->name[0] != '\0' ? d->name : d->device.udid);
	putchar('\n');
	verdict_print_finding(f);
}

static void print_summary(const struct verdict_about *about, size_t admitted,
                          size_t count, const struct verdict *common)
{
	term_safe(stdout, about->file);
	printf("  admitted on %zu of %zu %s\n", admitted, count,
	       plural(count, "device", "devices"));
	verdict_print_root(common);
}

bool matrix_ask(json_t **json, struct verify_app *app, const struct devices *devices,
                const struct verdict_about *about)
{
	const struct verdict *common = verify_common(app);
	AUTO(term_table_free) struct term_table table = { 0 };
	AUTO(findings_free) struct findings first = { 0 };
	AUTO(drop_json) json_t *rows = json_array();
	const struct device_entry *refused = NULL;
	size_t admitted = 0;

	for (size_t i = 0; i < devices->count; i++) {
		const struct device_entry *d = &devices->items[i];
		AUTO(findings_free) struct findings own = { 0 };

		verify_ask(&own, app, &d->device);
		const struct finding *f =
			findings_first(&common->findings, &own, STAGE_STORE);
		admitted += f == NULL;
		if (json != NULL)
			json_array_append_new(rows, row_json(d, f));
		else
			add_row(&table, d, f);
		if (f == NULL || refused != NULL)
			continue;
		refused = d;
		findings_take(&first, &own);
	}
	if (json != NULL) {
		*json = json_pack("{s:o, s:i, s:i, s:b, s:O}", "file",
		                  jsonio_text(about->file), "admitted", (int)admitted,
		                  "asked", (int)devices->count, "root_is_not_apple",
		                  common->non_apple_root, "devices", rows);
		return admitted == devices->count;
	}
	term_table_print(&table, stdout, 0);
	if (refused != NULL)
		print_first(findings_first(&common->findings, &first, STAGE_STORE),
		            refused);
	print_summary(about, admitted, devices->count, common);
	return admitted == devices->count;
}
