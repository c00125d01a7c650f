/* SPDX-License-Identifier: Apache-2.0 */
#include "support/xcode_said.h"

#include <stdio.h>

#include "support/harness.h"

void said_free(struct said *s)
{
	buf_free(&s->findings);
	buf_free(&s->evidence);
}

bool said_has(const struct buf *text, const char *part)
{
	return slice_cut(buf_slice(text), slice_str(part), NULL, NULL);
}

void said_note(void *ctx, const struct xcode_finding *f)
{
	struct said *said = ctx;
	struct error err = { 0 };
	bool ok =
		buf_append_format(&said->findings, &err, "%s %s %s: %s\n", f->rule->id,
	                          f->target != NULL ? f->target->name : "-",
	                          f->config != NULL ? f->config : "-", f->text);

	for (size_t i = 0; ok && i < f->evidence_count; i++)
		ok = buf_append_format(&said->evidence, &err, "%s\n", f->evidence[i]);
	CHECK(ok && f->fix[0] != '\0' && f->project != NULL);
}

size_t said_check(struct said *said, const struct xcode_project *p)
{
	const struct xcode_check how = { .report = said_note, .ctx = said };

	return xcode_check(p, &how);
}

void said_check_tiny(struct said *said, const struct tiny_xcode *t)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, t, &err), &err);
	said_check(said, &p);
}

void said_expect(const struct tiny_xcode *t, const char *expected, const char *file,
                 int line)
{
	AUTO(said_free) struct said said = SAID_INIT;

	said_check_tiny(&said, t);
	if (expected == NULL ? said.findings.n == 0
	                     : said_has(&said.findings, expected))
		return;
	test_fail(file, line, expected != NULL ? expected : "something is found");
	printf("# found: %.*s", (int)said.findings.n,
	       (const char *)buf_slice(&said.findings).p);
}
