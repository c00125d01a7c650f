/* SPDX-License-Identifier: Apache-2.0 */
#include "support/forge_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle/seal.h"
#include "codesign/requirement.h"
#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"

#define MAX_TRIPPED 512
#define INFO_PLIST  "Info.plist"

/* ---- files ---- */

/* A test has no use for these errors. */
static void need(bool ok, const struct error *err)
{
	if (ok)
		return;
	error_print(err, stdout, true);
	abort();
}

static char *path_of(const struct forge *f, const char *name)
{
	return mem_format("%s/%s", f->app, name);
}

/* Not file_write(): hundreds of apps that wait for the disk are slow to make. */
void forge_put_bytes(const struct forge *f, const char *name, struct slice bytes)
{
	AUTO(drop_str) char *path = path_of(f, name);
	AUTO(drop_str) char *folder = mem_copy(path);
	struct error err = { 0 };

	*strrchr(folder, '/') = '\0';
	need(file_make_dir(folder, 0755, &err), &err);
	FILE *out = fopen(path, "wb");
	if (out == NULL || fwrite(bytes.p, 1, bytes.n, out) != bytes.n ||
	    fclose(out) != 0) {
		perror(path);
		abort();
	}
}

void forge_put(const struct forge *f, const char *name, const char *text)
{
	forge_put_bytes(f, name, slice_str(text));
}

void forge_remove(const struct forge *f, const char *name)
{
	AUTO(drop_str) char *path = path_of(f, name);

	if (unlink(path) != 0) {
		perror(path);
		abort();
	}
}

void forge_link(const struct forge *f, const char *name, const char *target)
{
	AUTO(drop_str) char *path = path_of(f, name);

	unlink(path);
	if (symlink(target, path) != 0) {
		perror(path);
		abort();
	}
}

void forge_read(struct buf *out, const struct forge *f, const char *name)
{
	AUTO(drop_str) char *path = path_of(f, name);
	struct error err = { 0 };

	need(file_read(out, path, &err), &err);
}

void forge_flip(const struct forge *f, const char *name, long offset)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(FORGE_MAX_FILE);

	forge_read(&bytes, f, name);
	bytes.p[offset < 0 ? bytes.n - (size_t)-offset : (size_t)offset] ^= 1;
	forge_put_bytes(f, name, buf_slice(&bytes));
}

void forge_info(const struct forge *f, const char *name, const char *key,
                struct pl *value)
{
	AUTO(buf_free) struct buf old = BUF_INIT(FORGE_MAX_FILE);
	AUTO(buf_free) struct buf new = BUF_INIT(FORGE_MAX_FILE);
	AUTO(drop_pl) struct pl *root = NULL;
	struct error err = { 0 };

	forge_read(&old, f, name);
	need(pl_parse(&root, buf_slice(&old), name, &err), &err);
	if (value != NULL)
		pl_set(root, key, value);
	else
		pl_remove(root, key);
	need(pl_write_xml(&new, root, &err), &err);
	forge_put_bytes(f, name, buf_slice(&new));
}

void forge_macho(const struct forge *f, const char *name, const struct tiny_slice *how,
                 size_t count)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(TINY_MAX_BYTES);

	if (count > 1)
		tiny_macho_fat(&bytes, how, count, false);
	else
		tiny_macho(&bytes, how);
	forge_put_bytes(f, name, buf_slice(&bytes));
}

/* ---- the app ---- */

struct forge_signer forge_developer(void)
{
	struct fake_pki *pki = fake_pki();

	return (struct forge_signer){ .leaf = &pki->developer,
		                      .issuers = { &pki->wwdr, &pki->root },
		                      .issuer_count = 2 };
}

bool forge_is_at(const struct forge_case *how, const char *path)
{
	return strcmp(how->at != NULL ? how->at : "", path) == 0;
}

/* The app as it is now. */
static bool list(struct container *c, struct scan *scan, const struct forge *f,
                 struct error *err)
{
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE,
		                      .hash_code = true,
		                      .threads = 1 };

	return container_open(c, f->app, err) && scan_app(scan, c, &how, err);
}

/* Write CodeResources of the bundle, and hand its bytes out. */
static bool seal(struct buf *out, const struct forge *f, const struct bundle *b,
                 struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(scan_free) struct scan scan = { 0 };
	AUTO(seal_files_free) struct seal_files files = { 0 };
	AUTO(drop_pl) struct pl *rules = resource_default_rules(RESOURCES_FLAT);
	AUTO(drop_pl) struct pl *rules2 = resource_default_rules2(RESOURCES_FLAT);
	AUTO(drop_pl) struct pl *root = NULL;
	AUTO(buf_free) struct buf bytes = BUF_INIT(RESOURCES_MAX_BYTES);
	AUTO(drop_str) char *path = bundle_resources_path(b);

	if (!list(&c, &scan, f, err) || !seal_collect(&files, &scan, b, NULL, err) ||
	    !resources_build(&bytes, files.items, files.count, rules, rules2, false,
	                     true, err) ||
	    !pl_parse(&root, buf_slice(&bytes), path, err))
		return false;
	if (forge_is_at(f->how, b->path) && f->how->seal != NULL)
		f->how->seal(root);
	if (!pl_write_xml(out, root, err))
		return false;
	forge_put_bytes(f, path, buf_slice(out));
	return true;
}

static bool seal_and_sign(const struct forge *f, const struct bundle *b,
                          struct error *err)
{
	AUTO(buf_free) struct buf resources = BUF_INIT(RESOURCES_MAX_BYTES);
	AUTO(buf_free) struct buf info = BUF_INIT(FORGE_MAX_FILE);
	AUTO(drop_str) char *info_path = bundle_info_path(b);

	if (b->kind == BUNDLE_LOOSE)
		return forge_sign(f, b, (struct slice){ 0 }, (struct slice){ 0 }, err);
	if (!seal(&resources, f, b, err))
		return false;
	forge_read(&info, f, info_path);
	return forge_sign(f, b, buf_slice(&info), buf_slice(&resources), err);
}

/* Profiles first, then the deepest code first. */
static bool sign_all(const struct forge *f, struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(scan_free) struct scan scan = { 0 };
	AUTO(bundle_tree_free) struct bundle_tree tree = { 0 };

	if (!list(&c, &scan, f, err) || !bundle_find(&tree, &c, &scan, err))
		return false;
	for (size_t i = 0; i < tree.count; i++)
		if (bundle_is_process(tree.items[i]) &&
		    !forge_embed(f, tree.items[i], err))
			return false;
	for (size_t i = tree.count; i-- > 0;)
		if (tree.items[i]->problem == NULL &&
		    !seal_and_sign(f, tree.items[i], err))
			return error_context(err, "forging \"%s\"",
			                     tree.items[i]->path);
	return true;
}

bool forge_make(struct forge *out, const struct forge_case *how, struct error *err)
{
	*out = (struct forge){
		.how = how,
		.crl = BUF_INIT(CMS_MAX_BYTES),
		.ocsp = BUF_INIT(CMS_MAX_BYTES),
		.request = { .trust = &fake_pki()->trust,
		             .device = { .udid = FORGE_UDID,
		                         .model = "iPhone14,5",
		                         .os_version = 17U << 16 },
		             .at_s = FAKE_NOW_S,
		             .threads = 1 },
	};
	if (!scratch_make(&out->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	out->app = scratch_path(&out->folder, "App.app");
	if (!good_app_write(out->folder.path, &how->app, err))
		return false;
	if (how->before != NULL)
		how->before(out);
	if (!sign_all(out, err))
		return false;
	if (how->after != NULL)
		how->after(out);
	if (how->ask != NULL)
		how->ask(out);
	out->request.crl = buf_slice(&out->crl);
	if (out->ocsp.n == 0)
		return true;
	out->response = buf_slice(&out->ocsp);
	out->request.ocsp = &out->response;
	out->request.ocsp_count = 1;
	return true;
}

void forge_free(struct forge *f)
{
	scratch_remove(&f->folder);
	drop_str(&f->app);
	buf_free(&f->crl);
	buf_free(&f->ocsp);
}

bool forge_judge(struct verdict *out, const struct forge *f, struct error *err)
{
	AUTO(container_close) struct container c = { 0 };

	return container_open(&c, f->app, err) &&
	       verify_container(out, &c, &f->request, err);
}

/* ---- what the judge said ---- */

static const char *tripped[MAX_TRIPPED];
static size_t tripped_count;

bool forge_has_tripped(const char *rule_id)
{
	for (size_t i = 0; i < tripped_count; i++)
		if (strcmp(tripped[i], rule_id) == 0)
			return true;
	return false;
}

size_t forge_tripped_count(void)
{
	return tripped_count;
}

static void note_tripped(const char *rule_id)
{
	if (!forge_has_tripped(rule_id) && tripped_count < MAX_TRIPPED)
		tripped[tripped_count++] = rule_id;
}

static void print_findings(const struct verdict *v)
{
	for (size_t i = 0; i < v->findings.count; i++) {
		const struct finding *f = &v->findings.items[i];

		printf("# %s %s in \"%s\": expected %s, found %s\n",
		       f->rule->severity == FINDING_BLOCK ? "BAD" : "note", f->rule->id,
		       f->bundle, f->expected, f->found);
	}
}

static const struct finding *find(const struct verdict *v, const char *id)
{
	for (size_t i = 0; i < v->findings.count; i++)
		if (strcmp(v->findings.items[i].rule->id, id) == 0)
			return &v->findings.items[i];
	return NULL;
}

/* Does the finding stand where, and say what, the case demands? */
static bool says(const struct finding *f, const struct forge_case *how)
{
	const char *at = how->at != NULL ? how->at : "";

	if (strcmp(f->bundle, how->bundle != NULL ? how->bundle : at) != 0)
		return false;
	return how->text == NULL || strstr(f->expected, how->text) != NULL ||
	       strstr(f->found, how->text) != NULL;
}

static bool is_expected(const struct forge_case *how, const char *id)
{
	if (how->reason != NULL && strcmp(how->reason, id) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(how->also) && how->also[i] != NULL; i++)
		if (strcmp(how->also[i], id) == 0)
			return true;
	return false;
}

/* NULL: as it should be; else what is not. */
static const char *compare(const struct verdict *v, const struct forge_case *how)
{
	const struct finding *f = findings_decisive(&v->findings, STAGE_STORE);

	if (how->reason == NULL && f != NULL)
		return "refused, but is to be admitted";
	if (how->reason != NULL && (f == NULL || strcmp(f->rule->id, how->reason) != 0))
		return "another reason decides";
	if (f != NULL && (f->expected[0] == '\0' || f->found[0] == '\0'))
		return "the finding does not say what was expected and found";
	if (f != NULL && !says(f, how))
		return "the reason is found elsewhere, or in other words";
	for (size_t i = 0; i < v->findings.count; i++)
		if (v->findings.items[i].rule->severity == FINDING_BLOCK &&
		    !is_expected(how, v->findings.items[i].rule->id))
			return "there is another fault";
	for (size_t i = 0; i < ARRAY_LEN(how->also) && how->also[i] != NULL; i++)
		if (find(v, how->also[i]) == NULL)
			return "one of the other reasons is missing";
	if (how->unnoted != NULL && find(v, how->unnoted) != NULL)
		return "there is a note";
	if (how->noted == NULL)
		return NULL;
	f = find(v, how->noted);
	if (f == NULL || f->rule->severity == FINDING_BLOCK)
		return "the note is missing";
	return how->reason != NULL || says(f, how) ? NULL : "the note says else";
}

void check_case_at(const struct forge_case *how, const char *file, int line)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	struct error err = { 0 };

	if (!test_ok(forge_make(&f, how, &err), &err, file, line, "forge_make") ||
	    !test_ok(forge_judge(&v, &f, &err), &err, file, line, "forge_judge"))
		return;
	const char *wrong = compare(&v, how);
	if (wrong != NULL) {
		print_findings(&v);
		test_fail(file, line, wrong);
		return;
	}
	if (how->reason != NULL)
		note_tripped(how->reason);
	if (how->noted != NULL)
		note_tripped(how->noted);
}

/* ---- for the store ---- */

void forge_for_store(struct forge_code *c)
{
	c->by.leaf = fake_distributor();
	c->how.exec_seg_flags &= ~(uint64_t)CODEDIR_EXEC_ALLOW_UNSIGNED;
	if (c->claims == NULL)
		return;
	pl_set(c->claims, "get-task-allow", pl_new_bool(false));
	pl_set(c->claims, "beta-reports-active", pl_new_bool(true));
}

void forge_store_profile(struct forge_profile *p)
{
	p->how.kind = PROFILE_APPSTORE;
	p->how.device_count = 0;
	p->certs[0] = &fake_distributor()->cert;
	pl_set(p->entitlements, "get-task-allow", pl_new_bool(false));
	pl_set(p->entitlements, "beta-reports-active", pl_new_bool(true));
}

void forge_store_tidy(struct forge *f)
{
	forge_remove(f, "Frameworks/Kit.framework/libinner.dylib");
}

/* ---- requirements ---- */

void forge_requirement_of_another(struct forge_code *c)
{
	static struct buf blob;
	const struct fake_pki *pki = fake_pki();
	const struct trust_chain chain = {
		.certs = { &pki->developer.cert, &pki->wwdr.cert, &pki->root.cert },
		.count = 3
	};
	struct error err = { 0 };

	if (blob.n == 0) {
		blob = BUF_INIT(REQUIREMENT_MAX_BYTES);
		if (!requirement_build_designated(&blob, "com.ex.other", &chain,
		                                  (struct slice){ 0 }, &err))
			abort();
	}
	c->requirements = buf_slice(&blob);
}
