/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor_print.h"

#include <string.h>

#include "util/jsonio.h"
#include "util/plural.h"
#include "util/term.h"

#define MAX_FACTS 8 /* of one diagnosis, unless all is asked for */
#define MAX_TOLD  5 /* diagnoses, unless all is asked for */

bool doctor_found_any(const struct diagnoses *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (!all->items[i].is_warning &&
		    all->items[i].certainty != DIAGNOSIS_RULED_OUT)
			return true;
	return false;
}

const char *diagnosis_text(const struct diagnosis *d)
{
	const struct explain_entry *entry = explain_find(d->id);

	if (d->cause[0] != '\0' || entry == NULL)
		return d->cause;
	return entry->title;
}

const char *diagnosis_command(const struct diagnosis *d)
{
	const struct explain_entry *entry = explain_find(d->id);

	if (d->fix[0] != '\0')
		return d->fix;
	return entry != NULL ? entry->command : NULL;
}

static const char *title_of(const struct diagnosis *d)
{
	const struct explain_entry *entry = explain_find(d->id);

	return entry != NULL ? entry->title : d->cause;
}

static void print_part(const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	printf("    %-9s ", name);
	term_safe(stdout, text);
	putchar('\n');
}

static void print_facts(const struct diagnosis *d, bool all)
{
	AUTO(term_table_free) struct term_table t = { 0 };
	size_t n = all || d->fact_count <= MAX_FACTS ? d->fact_count : MAX_FACTS;

	for (size_t i = 0; i < n; i++) {
		const struct diagnosis_fact *f = &d->facts[i];
		const char *cells[] = { f->where, f->field, f->value };

		term_table_row(&t, TERM_PLAIN, ARRAY_LEN(cells), cells);
	}
	if (n > 0)
		term_table_print(&t, stdout, 4);
	if (n < d->fact_count)
		printf("    and %zu more: --all\n", d->fact_count - n);
}

static const char *mark_of(const struct diagnosis *d, enum term_style *style)
{
	*style = TERM_DIM;
	if (d->certainty == DIAGNOSIS_RULED_OUT)
		return "NOT";
	*style = TERM_WARN;
	if (d->is_warning)
		return "WARN";
	if (d->certainty == DIAGNOSIS_POSSIBLE)
		return "MAYBE";
	*style = TERM_BAD;
	return "BAD";
}

static void print_one(const struct diagnosis *d, bool all)
{
	enum term_style style;
	const char *mark = mark_of(d, &style);

	term_print(stdout, style, mark);
	printf(" %s  ", d->id);
	term_print(stdout, TERM_HEAD, title_of(d));
	putchar('\n');
	print_part("in", d->subject);
	if (d->line > 0)
		printf("    %-9s line %zu%s\n", "log", d->line,
		       d->messages > 1 ? ", and again" : "");
	print_facts(d, all);
	if (d->certainty == DIAGNOSIS_RULED_OUT) {
		print_part("but", "the files looked at do not show it");
		return;
	}
	print_part("cause", d->cause);
	print_part("fix", diagnosis_command(d));
	printf("    %-9s sealring explain %s\n", "more", d->id);
}

/* What is told without --all: what is sure, or else what is possible. */
static bool is_told(const struct diagnosis *d, const struct diagnoses *all)
{
	const struct diagnosis *best = &all->items[0];

	if (d->certainty == DIAGNOSIS_RULED_OUT)
		return best->certainty == DIAGNOSIS_RULED_OUT;
	return d->certainty >= DIAGNOSIS_LIKELY || best->certainty < DIAGNOSIS_LIKELY;
}

static void print_follow_ons(const struct doctor *d)
{
	for (size_t i = 0; i < d->message_count; i++) {
		const struct doctor_message *m = &d->messages[i];

		if (m->is_follow_on && !m->is_explained)
			printf("    follow-on, ignored: %s %s (%zux)\n", m->entry->id,
			       m->entry->title, m->count);
	}
}

static void print_unread(const struct doctor *d, bool all)
{
	size_t n = 0;

	for (size_t i = 0; i < d->file_count; i++) {
		const struct doctor_file *f = &d->files[i];

		if (f->is_read && !f->a.is_locked)
			continue;
		n++;
		if (!all)
			continue;
		fputs("    not read: ", stdout);
		term_safe(stdout, f->path);
		fputs(": ", stdout);
		term_safe(stdout, f->is_read ? "locked: give its password with -P"
		                             : f->why.message);
		putchar('\n');
	}
	if (n > 0 && !all)
		printf("%zu %s could not be read or opened: --all\n", n,
		       plural(n, "file", "files"));
}

static void print_summary(const struct diagnoses *all, const struct doctor *d)
{
	size_t causes = 0, possible = 0, messages = 0;

	for (size_t i = 0; i < all->count; i++) {
		causes += all->items[i].certainty >= DIAGNOSIS_LIKELY &&
		          !all->items[i].is_warning;
		possible += all->items[i].certainty == DIAGNOSIS_POSSIBLE;
	}
	for (size_t i = 0; i < d->message_count; i++)
		messages += d->messages[i].count;
	printf("%zu %s", causes, plural(causes, "cause", "causes"));
	if (causes == 0 && possible > 0)
		printf(" for sure, %zu possible", possible);
	if (d->has_log)
		printf(", %zu %s in %zu lines", messages,
		       plural(messages, "message", "messages"), d->lines);
	printf(", %zu %s looked at\n", d->file_count,
	       plural(d->file_count, "file", "files"));
}

void doctor_print(const struct diagnoses *all, const struct doctor *d,
                  const struct doctor_about *about)
{
	size_t hidden = 0, told = 0;

	print_summary(all, d);
	if (!doctor_found_any(all) && d->file_count + d->lines > 0) {
		term_print(stdout, TERM_OK, "OK");
		puts("  nothing that stops signing was found");
	}
	for (size_t i = 0; i < all->count; i++) {
		const struct diagnosis *one = &all->items[i];

		if (!about->all && (told == MAX_TOLD || !is_told(one, all))) {
			hidden++;
			continue;
		}
		print_one(one, about->all);
		told++;
	}
	print_follow_ons(d);
	if (hidden > 0)
		printf("%zu more: --all\n", hidden);
	print_unread(d, about->all);
	if (d->is_cut)
		printf("The log has more than %zu different messages: the others were "
		       "not looked at.\n",
		       DOCTOR_MAX_MESSAGES);
}

/* ---- JSON ---- */

static json_t *facts_json(const struct diagnosis *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->fact_count; i++)
		json_array_append_new(list,
		                      json_pack("{s:o, s:o, s:o}", "where",
		                                jsonio_text(d->facts[i].where), "field",
		                                jsonio_text(d->facts[i].field), "value",
		                                jsonio_text(d->facts[i].value)));
	return list;
}

static json_t *text_or_null(const char *text)
{
	return text != NULL ? jsonio_text(text) : json_null();
}

static json_t *diagnosis_json(const struct diagnosis *d)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:I, s:I, s:o}",
	                 "id", d->id, "ids", d->ids, "certainty",
	                 diagnosis_certainty_name(d->certainty), "warning",
	                 d->is_warning, "title", title_of(d), "subject",
	                 jsonio_text(d->subject), "cause",
	                 jsonio_text(diagnosis_text(d)), "fix",
	                 text_or_null(diagnosis_command(d)), "line",
	                 (json_int_t)d->line, "messages", (json_int_t)d->messages,
	                 "evidence", facts_json(d));
}

static json_t *unread_json(const struct doctor *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->file_count; i++)
		if (!d->files[i].is_read)
			json_array_append_new(
				list, json_pack("{s:o, s:o}", "file",
			                        jsonio_text(d->files[i].path), "why",
			                        jsonio_text(d->files[i].why.message)));
	return list;
}

json_t *doctor_json(const struct diagnoses *all, const struct doctor *d)
{
	AUTO(drop_json) json_t *list = json_array();
	AUTO(drop_json) json_t *ignored = json_array();

	for (size_t i = 0; i < all->count; i++)
		json_array_append_new(list, diagnosis_json(&all->items[i]));
	for (size_t i = 0; i < d->message_count; i++)
		if (d->messages[i].is_follow_on && !d->messages[i].is_explained)
			json_array_append_new(ignored,
			                      json_string(d->messages[i].entry->id));
	return json_pack("{s:b, s:I, s:I, s:O, s:O, s:o}", "ok", !doctor_found_any(all),
	                 "files", (json_int_t)d->file_count, "log_lines",
	                 (json_int_t)d->lines, "diagnoses", list, "follow_on", ignored,
	                 "unread", unread_json(d));
}
