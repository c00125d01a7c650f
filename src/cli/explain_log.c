/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain_log.h"

#include <stdlib.h>
#include <string.h>

#include "cli/explain_print.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/term.h"

/* All that is known of one entry; there are no more than the catalogue has. */
struct row {
	const struct explain_entry *entry;
	const struct explain_code *code;
	size_t line, count; /* the first of so many */
	size_t weight;
	char *names[EXPLAIN_MAX_VALUES]; /* of the message that says most */
	char *values[EXPLAIN_MAX_VALUES];
	size_t value_count;
};

struct explain_log {
	struct explain_matcher *matcher;
	struct row *rows;
	size_t count, cap;
	size_t lines;
	bool in_line;
};

static void forget_values(struct row *row)
{
	for (size_t i = 0; i < row->value_count; i++) {
		free(row->names[i]);
		free(row->values[i]);
	}
	row->value_count = 0;
}

static void keep_values(struct row *row, const struct explain_match *match)
{
	forget_values(row);
	row->weight = match->weight;
	for (size_t i = 0; i < match->value_count; i++) {
		const struct explain_value *v = &match->values[i];

		row->names[i] = mem_copy(v->name);
		row->values[i] = mem_str(v->value.p, v->value.n);
		for (char *p = row->values[i]; (p = strchr(p, '\n')) != NULL;)
			*p = ' ';
	}
	row->value_count = match->value_count;
}

static struct row *row_of(struct explain_log *log, const struct explain_match *match)
{
	for (size_t i = 0; i < log->count; i++) {
		struct row *row = &log->rows[i];

		if (row->entry == match->entry &&
		    (row->entry != NULL || row->code == match->code))
			return row;
	}
	log->rows = mem_grow(log->rows, log->count, &log->cap, sizeof log->rows[0]);
	struct row *row = &log->rows[log->count++];
	*row = (struct row){
		.entry = match->entry,
		.code = match->code,
		.line = match->line,
	};
	return row;
}

static void found(void *ctx, const struct explain_match *match)
{
	struct row *row = row_of(ctx, match);

	row->count++;
	if (row->count == 1 || (row->value_count == 0 && match->value_count > 0))
		keep_values(row, match);
}

struct explain_log *explain_log_new(void)
{
	struct explain_log *log = mem_zero(1, sizeof *log);

	log->matcher = explain_matcher_new(found, log);
	return log;
}

void explain_log_feed(struct explain_log *log, struct slice bytes)
{
	explain_matcher_feed(log->matcher, bytes);
	for (size_t i = 0; i < bytes.n; i++)
		log->lines += bytes.p[i] == '\n';
	if (bytes.n > 0)
		log->in_line = bytes.p[bytes.n - 1] != '\n';
}

void explain_log_finish(struct explain_log *log)
{
	explain_matcher_finish(log->matcher);
	log->lines += log->in_line;
	log->in_line = false;
}

size_t explain_log_count(const struct explain_log *log)
{
	return log->count;
}

size_t explain_log_lines(const struct explain_log *log)
{
	return log->lines;
}

static bool is_noise(const struct row *row)
{
	return row->entry != NULL && row->entry->noise != NULL;
}

/* What to read first: the first that is a failure of its own. */
static const struct row *root_of(const struct explain_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		if (!is_noise(&log->rows[i]))
			return &log->rows[i];
	return &log->rows[0];
}

/* Its id or number, and its title or meaning. */
static const char *name_of(char number[EXPLAIN_CODE_BYTES], const struct row *row)
{
	if (row->entry != NULL)
		return row->entry->id;
	explain_code_format(number, row->code);
	return number;
}

static const char *title_of(const struct row *row)
{
	return row->entry != NULL ? row->entry->title : row->code->meaning;
}

static void print_row(const struct row *row)
{
	char number[EXPLAIN_CODE_BYTES], line[32];

	snprintf(line, sizeof line, "line %zu", row->line);
	printf("%-11s", line);
	term_print(stdout, is_noise(row) ? TERM_DIM : TERM_BAD, name_of(number, row));
	printf("  %s", title_of(row));
	if (row->count > 1)
		printf(" (%zu times)", row->count);
	putchar('\n');
	for (size_t i = 0; i < row->value_count; i++) {
		printf("%-11s%s: ", "", row->names[i]);
		term_safe(stdout, row->values[i]);
		putchar('\n');
	}
	if (is_noise(row))
		printf("%-11s%s\n", "", row->entry->noise);
}

void explain_log_print(const struct explain_log *log)
{
	const struct row *root = root_of(log);

	printf("%zu %s in %zu %s\n\n", log->count,
	       plural(log->count, "known failure", "known failures"), log->lines,
	       plural(log->lines, "line", "lines"));
	for (size_t i = 0; i < log->count; i++)
		print_row(&log->rows[i]);
	putchar('\n');
	if (root->entry != NULL)
		explain_print_entry(root->entry);
	else
		explain_print_code(root->code);
}

static json_t *values_json(const struct row *row)
{
	json_t *values = json_object();

	for (size_t i = 0; i < row->value_count; i++)
		json_object_set_new(values, row->names[i], jsonio_text(row->values[i]));
	return values;
}

static json_t *row_json(const struct row *row)
{
	char number[EXPLAIN_CODE_BYTES];

	return json_pack(
		"{s:s, s:s, s:I, s:I, s:b, s:o, s:o, s:o}", "id", name_of(number, row),
		"title", title_of(row), "line", (json_int_t)row->line, "count",
		(json_int_t)row->count, "is_noise", is_noise(row), "values",
		values_json(row), "entry",
		row->entry != NULL ? explain_entry_json(row->entry) : json_null(),
		"code", row->code != NULL ? explain_code_json(row->code) : json_null());
}

json_t *explain_log_json(const struct explain_log *log)
{
	AUTO(drop_json) json_t *list = json_array();

	for (size_t i = 0; i < log->count; i++)
		json_array_append_new(list, row_json(&log->rows[i]));
	return json_pack("{s:I, s:O}", "lines", (json_int_t)log->lines, "matches",
	                 list);
}

void drop_explain_log(struct explain_log **log)
{
	if (*log == NULL)
		return;
	drop_explain_matcher(&(*log)->matcher);
	for (size_t i = 0; i < (*log)->count; i++)
		forget_values(&(*log)->rows[i]);
	free((*log)->rows);
	free(*log);
	*log = NULL;
}
