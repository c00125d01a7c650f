/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the doctor hands on: the order of diagnoses, reports for other programs, the
 * commands that it would run.
 */
#include <string.h>

#include "cli/doctor_fix.h"
#include "cli/doctor_print.h"
#include "support/harness.h"
#include "support/xml_check.h"
#include "util/jsonio.h"
#include "util/mem.h"

#define XML_MAX ((size_t)1 << 20)

static void add(struct diagnoses *all, const char *ids, enum diagnosis_certainty c,
                size_t line, bool is_warning)
{
	struct diagnosis *d = diagnoses_add(all, ids, c, mem_copy("a <b>\x01&\"\xff"),
	                                    mem_copy("cause"), NULL);

	d->line = line;
	d->is_warning = is_warning;
	diagnosis_fact(d, "x<", "y", "%s", "\x02z]]>");
}

TEST(the_surest_comes_first)
{
	AUTO(diagnoses_free) struct diagnoses all = { 0 };

	add(&all, "KEY-01", DIAGNOSIS_POSSIBLE, 1, false);
	add(&all, "KEY-02", DIAGNOSIS_PROVED, 0, true);
	add(&all, "KEY-03", DIAGNOSIS_PROVED, 0, false);
	add(&all, "KEY-04 KEY-08", DIAGNOSIS_PROVED, 9, false);
	add(&all, "KEY-05", DIAGNOSIS_PROVED, 3, false);
	add(&all, "KEY-06", DIAGNOSIS_RULED_OUT, 2, false);
	add(&all, "KEY-07", DIAGNOSIS_LIKELY, 0, false);
	diagnoses_sort(&all);
	static const char *const order[] = { "KEY-05", "KEY-04", "KEY-03", "KEY-07",
		                             "KEY-01", "KEY-02", "KEY-06" };
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		CHECK_STR(all.items[i].id, order[i]);
	CHECK(diagnoses_has(&all, "KEY-08", DIAGNOSIS_PROVED));
	CHECK(!diagnoses_has(&all, "KEY-0", DIAGNOSIS_RULED_OUT));
	CHECK(!diagnoses_has(&all, "KEY-07", DIAGNOSIS_PROVED));
}

TEST(warnings_and_what_is_ruled_out_stop_nothing)
{
	AUTO(diagnoses_free) struct diagnoses all = { 0 };

	CHECK(!doctor_found_any(&all));
	add(&all, "KEY-02", DIAGNOSIS_PROVED, 0, true);
	add(&all, "KEY-06", DIAGNOSIS_RULED_OUT, 2, false);
	CHECK(!doctor_found_any(&all));
	add(&all, "KEY-01", DIAGNOSIS_POSSIBLE, 1, false);
	CHECK(doctor_found_any(&all));
}

TEST(reports_survive_any_name)
{
	AUTO(diagnoses_free) struct diagnoses all = { 0 };
	const struct doctor_request request = { .goal = -1 };
	AUTO(drop_doctor) struct doctor *d = doctor_new(&request);
	AUTO(buf_free) struct buf xml = BUF_INIT(XML_MAX);
	AUTO(buf_free) struct buf none = BUF_INIT(XML_MAX);
	struct error err = { 0 };

	REQUIRE_OK(doctor_junit(&none, &all, d, &err), &err);
	add(&all, "KEY-01", DIAGNOSIS_PROVED, 1, false);
	add(&all, "PROF-11", DIAGNOSIS_PROVED, 0, true);
	REQUIRE_OK(doctor_junit(&xml, &all, d, &err), &err);
	const struct buf *both[] = { &none, &xml };
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		AUTO(xml_free) struct xml_doc doc = { 0 };
		struct slice body = { 0 };

		CHECK(slice_cut(buf_slice(both[i]), slice_str("?>\n"), NULL, &body));
		if (!CHECK(xml_parse(&doc, body)))
			printf("# %s\n", doc.problem);
	}
	CHECK(slice_cut(buf_slice(&xml), slice_str("tests=\"2\" failures=\"1\""), NULL,
	                NULL));
	AUTO(drop_json) json_t *sarif = doctor_sarif(&all, d);
	const json_t *run = json_array_get(json_object_get(sarif, "runs"), 0);
	CHECK(json_array_size(json_object_get(run, "results")) == 2);
	AUTO(buf_free) struct buf text = BUF_INIT(XML_MAX);
	REQUIRE_OK(jsonio_write(&text, sarif, &err), &err);
}

TEST(commands_are_split_without_a_shell)
{
	char *argv[FIX_MAX_WORDS];

	REQUIRE(doctor_fix_split(argv,
	                         "sealring profile renew 'QA \"x\"'  \"a b\" -o c"));
	CHECK_STR(argv[3], "QA \"x\"");
	CHECK_STR(argv[4], "a b");
	CHECK_STR(argv[6], "c");
	CHECK(argv[7] == NULL && doctor_fix_is_complete(argv));
	doctor_fix_free(argv);
	static const char *const refused[] = { "", "sealring", "rm -rf x",
		                               "sealring 'x" };
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		CHECK(!doctor_fix_split(argv, refused[i]));
	static const char *const to_fill_in[] = { "sealring a NAME", "sealring a ...",
		                                  "sealring a && rm x",
		                                  "sealring a --portal DIR",
		                                  "sealring a $HOME" };
	for (size_t i = 0; i < ARRAY_LEN(to_fill_in); i++) {
		REQUIRE(doctor_fix_split(argv, to_fill_in[i]));
		CHECK(!doctor_fix_is_complete(argv));
		doctor_fix_free(argv);
	}
}

TEST(a_command_has_a_limit_of_words)
{
	char line[FIX_MAX_WORDS * 2 + 16];
	char *argv[FIX_MAX_WORDS];

	size_t most = FIX_MAX_WORDS - 2; /* beside "sealring" and the NULL */

	memcpy(line, "sealring", 9);
	for (size_t i = 0; i < most; i++)
		memcpy(line + 8 + i * 2, " x", 3);
	REQUIRE(doctor_fix_split(argv, line));
	doctor_fix_free(argv);
	memcpy(line + 8 + most * 2, " x", 3);
	CHECK(!doctor_fix_split(argv, line));
}
