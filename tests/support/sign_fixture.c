/* SPDX-License-Identifier: Apache-2.0 */
#include "support/sign_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/file.h"
#include "util/mem.h"
#include "verify/verify.h"

struct test_team team;
const struct good_how nothing_unusual = { 0 };
const struct good_how app_only = { .app_only = true };

static void team_free(void)
{
	test_team_free(&team);
}

bool team_make(struct error *err)
{
	if (team.authority != NULL)
		return true;
	return atexit(team_free) == 0 && test_team_make(&team, err);
}

void fixture_free(struct fixture *f)
{
	test_profile_free(&f->wild);
	scratch_remove(&f->folder);
	drop_str(&f->in);
	drop_str(&f->out);
}

bool fixture_make(struct fixture *f, const struct good_how *how, struct error *err)
{
	if (!team_make(err))
		return false;
	if (!scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	f->in = scratch_path(&f->folder, "App.app");
	f->out = scratch_path(&f->folder, "Out.app");
	return good_app_write(f->folder.path, how, err) &&
	       test_team_profile(&f->wild, &team, PROFILE_ADHOC, "*", err);
}

bool fixture_put(const struct fixture *f, const char *name, struct slice bytes,
                 mode_t mode, struct error *err)
{
	AUTO(drop_str) char *path = scratch_path(&f->folder, name);
	AUTO(drop_str) char *folder = mem_copy(path);

	*strrchr(folder, '/') = '\0';
	return file_make_dir(folder, 0755, err) &&
	       file_write(path, bytes, mode, false, err);
}

bool fixture_put_code(const struct fixture *f, const char *name,
                      const struct tiny_slice *how, struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(TINY_MAX_BYTES);

	tiny_macho(&bytes, how);
	return fixture_put(f, name, buf_slice(&bytes), 0755, err);
}

struct sign_profile borrow(const struct test_profile *p)
{
	return (struct sign_profile){ .profile = &p->profile,
		                      .bytes = buf_slice(&p->bytes),
		                      .file = "x.mobileprovision" };
}

bool sign_with(const char *in, const char *out, const struct sign_request *request,
               struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };

	return container_open(&c, in, err) && sign_plan_make(&plan, &c, request, err) &&
	       sign_execute(&plan, &c, request, out, err);
}

bool sign_wild(struct fixture *f, struct error *err)
{
	const struct sign_profile p = borrow(&f->wild);
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);

	return sign_with(f->in, f->out, &request, err);
}

void check_admitted(const char *path)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	struct error err = { 0 };
	const struct verify_request request = { .trust = &team.trust,
		                                .device = { .udid = GOOD_APP_UDID },
		                                .at_s = GOOD_APP_TIME + 120,
		                                .threads = 2 };

	REQUIRE_OK(container_open(&c, path, &err), &err);
	REQUIRE_OK(verify_container(&v, &c, &request, &err), &err);
	for (size_t i = 0; i < v.findings.count; i++) {
		const struct finding *finding = &v.findings.items[i];

		if (finding->rule->severity == FINDING_BLOCK &&
		    finding->rule->stage != STAGE_STORE &&
		    strcmp(finding->rule->id, "bundle.clip-parent") != 0) {
			printf("# %s in %s: %s, %s\n", finding->rule->id,
			       finding->bundle, finding->expected, finding->found);
			CHECK(finding->rule->severity != FINDING_BLOCK);
		}
	}
	CHECK(!v.unsigned_app && v.sealed_files > 5 && v.code_slices > 0);
}

void check_plan_refused(const struct fixture *f, const struct sign_request *request,
                        enum error_code code, const char *text, const char *id)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(container_open(&c, f->in, &err), &err);
	bool ok = sign_plan_make(&plan, &c, request, &err);
	if (!CHECK(strstr(err.evidence, id) != NULL))
		printf("# not \"%s\" but: %s\n", id, err.evidence);
	CHECK_FAILS(ok, &err, code, text);
	CHECK(plan.count == 0 && plan.steps == NULL);
}

void opened_free(struct opened *o)
{
	buf_free(&o->bytes);
}

bool open_code(struct opened *o, const char *folder, const char *name,
               struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", folder, name);

	o->bytes = BUF_INIT(SIGNED_MAX_FILE);
	if (!file_read(&o->bytes, path, err) ||
	    !macho_parse(&o->m, buf_slice(&o->bytes), err))
		return false;
	if (o->m.count > ARRAY_LEN(o->signatures))
		return error_set(err, ERROR_LIMIT, "too many slices for this test");
	for (size_t i = 0; i < o->m.count; i++)
		if (!signature_parse(&o->signatures[i],
		                     macho_signature(&o->m.slices[i]), err))
			return false;
	return true;
}

const struct codedir *best_cd(const struct opened *o, size_t i)
{
	const struct codedir_set *cds = &o->signatures[i].cds;

	return &cds->cds[cds->best];
}
