/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect: apps in any container, and bare Mach-O files.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"
#include "cli/inspect.h"
#include "codesign/entitlements.h"
#include "codesign/signature.h"
#include "macho/read.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/pool.h"

/* The main executable's code and what its signature says. */
struct seen_code {
	const struct macho *macho;
	struct signature signature;
	bool is_signed;
	struct cms cms;
	bool has_cms;
};

static void seen_code_free(struct seen_code *code)
{
	cms_free(&code->cms);
}

static bool read_code(struct seen_code *out, const struct scan *scan, const char *path,
                      struct error *err)
{
	const struct container_file *file = container_find(scan->c, path);
	struct error ignored = { 0 };

	if (file == NULL || file->type != CONTAINER_FILE)
		return error_set(err, ERROR_NOT_FOUND, "executable \"%s\" is missing",
		                 path);
	const struct scan_file *scanned = scan_find(scan, file);
	if (scanned->code == NULL)
		return error_set(err, ERROR_FORMAT, "executable \"%s\": %s", path,
		                 scanned->broken != NULL ? scanned->broken
		                                         : "not a Mach-O file");
	out->macho = &scanned->code->m;
	/* The last slice is the one that today's devices run. */
	const struct macho_slice *s = &out->macho->slices[out->macho->count - 1];
	struct slice area = macho_signature(s);
	out->is_signed = area.n > 0 && signature_parse(&out->signature, area, &ignored);
	error_clear(&ignored);
	if (out->is_signed && !out->signature.is_adhoc)
		out->has_cms = cms_parse(&out->cms, blob_payload(out->signature.cms),
		                         &ignored);
	return true;
}

static void add_archs(struct answers *a, const struct macho *m)
{
	char archs[200] = "";
	size_t used = 0;
	char min_os[MACHO_VERSION_TEXT];
	const struct macho_slice *last = &m->slices[m->count - 1];

	for (size_t i = 0; i < m->count && used < sizeof archs - 16; i++)
		used += (size_t)snprintf(archs + used, sizeof archs - used, "%s%s",
		                         i > 0 ? ", " : "",
		                         macho_arch_name(&m->slices[i]));
	macho_version_text(min_os, last->min_os);
	answers_add(a, ASK_WHERE, "platform", TERM_PLAIN, "%s %s or later, %s",
	            macho_platform_name(last->platform), min_os, archs);
}

static void add_signer(struct answers *a, const struct seen_code *code,
                       const struct inspect_world *world)
{
	if (!code->is_signed) {
		answers_add(a, ASK_WHO, "certificate", TERM_WARN, "not signed");
		return;
	}
	if (code->signature.is_adhoc) {
		answers_add(a, ASK_WHO, "certificate", TERM_WARN,
		            "nobody: signed ad hoc");
		return;
	}
	if (!code->has_cms || code->cms.signer_cert < 0) {
		answers_add(a, ASK_WHO, "certificate", TERM_BAD,
		            "the signature cannot be read");
		return;
	}
	const struct cert *leaf = &code->cms.certs.items[code->cms.signer_cert];
	inspect_add_cert(a, leaf, &code->cms.certs, world);
	inspect_add_until(a, "certificate", leaf->not_after_s, world->now_s);
}

static void add_entitlements(struct answers *a, const struct seen_code *code)
{
	struct error ignored = { 0 };
	AUTO(drop_pl) struct pl *entitlements = NULL;
	const struct signature *s = &code->signature;

	if (!code->is_signed)
		return;
	if (s->entitlements_der.n > 0 &&
	    entitlements_parse_der(&entitlements, s->entitlements_der, &ignored)) {
		inspect_add_entitlements(a, entitlements);
		return;
	}
	error_clear(&ignored);
	if (s->entitlements_xml.n > 0 &&
	    entitlements_parse_xml(&entitlements, s->entitlements_xml, &ignored))
		inspect_add_entitlements(a, entitlements);
	error_clear(&ignored);
}

/* The embedded profile, as far as it bears on where and until when. */
static bool add_profile(struct answers *a, const struct container *c,
                        const struct bundle *b, const struct inspect_world *world,
                        struct error *err)
{
	AUTO(drop_str) char *path = bundle_profile_path(b);
	AUTO(buf_free) struct buf bytes = BUF_INIT(PROFILE_MAX_BYTES);
	AUTO(profile_free) struct profile p = { 0 };
	const struct container_file *file = container_find(c, path);

	if (file == NULL) {
		answers_add(a, ASK_WHERE, "profile", TERM_PLAIN,
		            "no embedded profile: simulator, Mac or App Store");
		return true;
	}
	if (!container_read(&bytes, c, file, err) ||
	    !profile_parse(&p, buf_slice(&bytes), err))
		return error_context(err, "reading \"%s\"", path);
	a->status = mem_format("%s profile \"%s\"", profile_kind_name(p.kind), p.name);
	answers_add(a, ASK_WHO, "profile", TERM_PLAIN, "profile lists %zu %s",
	            p.certs.count,
	            plural(p.certs.count, "certificate", "certificates"));
	answers_detail(a);
	answers_add(a, ASK_WHAT, "profile-app-id", TERM_PLAIN, "profile covers %s",
	            p.app_id);
	answers_detail(a);
	if (p.all_devices)
		answers_add(a, ASK_WHERE, "devices", TERM_PLAIN, "all devices");
	else if (p.devices != NULL)
		answers_add(a, ASK_WHERE, "devices", TERM_PLAIN, "%zu %s",
		            p.devices->count,
		            plural(p.devices->count, "device", "devices"));
	inspect_add_until(a, "profile", p.expires_s, world->now_s);
	return true;
}

static void add_nested(struct answers *a, const struct bundle_tree *tree)
{
	for (size_t i = 1; i < tree->count; i++) {
		const struct bundle *b = tree->items[i];

		answers_add(a, ASK_WHAT, "nested",
		            b->problem != NULL ? TERM_WARN : TERM_PLAIN, "+ %s  %s%s%s",
		            b->path, b->id != NULL ? b->id : bundle_kind_name(b->kind),
		            b->problem != NULL ? ": " : "",
		            b->problem != NULL ? b->problem_text : "");
		answers_detail(a);
	}
}

static void set_title(struct answers *a, const struct bundle *app)
{
	const char *version = pl_string(app->info, "CFBundleShortVersionString");
	const char *build = pl_string(app->info, "CFBundleVersion");

	if (app->id == NULL)
		return;
	a->title = mem_format("%s %s (%s)", app->id, version != NULL ? version : "?",
	                      build != NULL ? build : "?");
}

bool inspect_app(struct answers *out, const char *path,
                 const struct inspect_world *world, struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(bundle_tree_free) struct bundle_tree tree = { 0 };
	AUTO(scan_free) struct scan scan = { 0 };
	AUTO(seen_code_free) struct seen_code code = { 0 };
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE,
		                      .only_code = true,
		                      .threads = pool_default_threads() };

	if (!container_open(&c, path, err) || !scan_app(&scan, &c, &how, err) ||
	    !bundle_find(&tree, &c, &scan, err))
		return false;
	const struct bundle *app = tree.items[0];
	out->kind = container_kind_name(c.kind);
	set_title(out, app);
	if (app->problem != NULL) {
		answers_add(out, ASK_WHAT, "problem", TERM_BAD, "%s: %s", app->path,
		            app->problem_text);
		return true;
	}
	if (!read_code(&code, &scan, app->code, err))
		return false;
	assert(code.macho != NULL);
	add_signer(out, &code, world);
	const char *id = app->id;
	if (id == NULL && code.is_signed)
		id = code.signature.cds.cds[0].identifier;
	answers_add(out, ASK_WHAT, "bundle-id", TERM_PLAIN, "%s",
	            id != NULL ? id : "no identifier");
	add_nested(out, &tree);
	add_archs(out, code.macho);
	add_entitlements(out, &code);
	return !bundle_is_process(app) || add_profile(out, &c, app, world, err);
}
