/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real artifacts, made by others: what we regenerate must be byte for byte the same.
 * Skips where they are absent.  Prints file names only, never what is inside.
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "bundle/seal.h"
#include "codesign/entitlements.h"
#include "codesign/requirement.h"
#include "codesign/signature.h"
#include "crypto/p12.h"
#include "macho/layout.h"
#include "profile/profile.h"
#include "support/harness.h"
#include "support/whole_code.h"
#include "util/file.h"
#include "util/mem.h"

/* Call visit with each file of a folder; returns how many there were. */
static size_t each_file(const char *folder, void (*visit)(const char *path))
{
	AUTO(drop_str) char *base = mem_format("%s/%s", TESTDATA_DIR, folder);
	AUTO(drop_dir) DIR *dir = opendir(base);
	size_t n = 0;

	if (dir == NULL) {
		printf("# SKIP: no real artifacts in %s\n", folder);
		return 0;
	}
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		AUTO(drop_str) char *path = mem_format("%s/%s", base, e->d_name);

		if (e->d_type != DT_REG || strstr(e->d_name, ".tsv") != NULL)
			continue;
		visit(path);
		n++;
	}
	return n;
}

static void note(const char *path, const struct error *err)
{
	printf("# %s: %s\n", path, err->message);
}

/* ---- CodeResources (spec 6) ---- */

static size_t seals_checked;

/* The digests that its entries carry. */
static void digests_of(const struct resources *r, bool *sha1, bool *sha256)
{
	*sha1 = *sha256 = false;
	for (size_t i = 0; i < r->count; i++) {
		*sha1 |= r->entries[i].sha1.n > 0;
		*sha256 |= r->entries[i].sha256.n > 0;
	}
	if (r->count == 0)
		*sha256 = true;
}

/* Mac bundles seal nested code by its code directory: not regenerated here. */
static bool has_nested(const struct resources *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->entries[i].cdhash.n > 0)
			return true;
	return false;
}

static bool rebuild(struct buf *out, const struct scan *scan, const struct bundle *b,
                    const struct resources *r, struct error *err)
{
	AUTO(seal_files_free) struct seal_files files = { 0 };
	bool sha1, sha256;

	digests_of(r, &sha1, &sha256);
	return seal_collect(&files, scan, b, NULL, err) &&
	       resources_build(out, files.items, files.count, r->rules_plist,
	                       r->rules2_plist, sha1, sha256, err);
}

static void check_bundle_seal(const struct scan *scan, const struct bundle *b)
{
	const struct container *c = scan->c;
	struct error err = { 0 };
	AUTO(drop_str) char *path = bundle_resources_path(b);
	AUTO(buf_free) struct buf old = BUF_INIT(RESOURCES_MAX_BYTES);
	AUTO(buf_free) struct buf new = BUF_INIT(RESOURCES_MAX_BYTES);
	AUTO(resources_free) struct resources r = { 0 };
	const struct container_file *file = container_find(c, path);

	if (b->kind == BUNDLE_LOOSE || file == NULL)
		return;
	REQUIRE_OK(container_read(&old, c, file, &err), &err);
	REQUIRE_OK(resources_parse(&r, buf_slice(&old), &err), &err);
	if (r.is_v1_only || has_nested(&r))
		return;
	REQUIRE_OK(rebuild(&new, scan, b, &r, &err), &err);
	seals_checked++;
	if (!CHECK(slice_equal(buf_slice(&old), buf_slice(&new))))
		printf("# %s: %s\n", c->path, path);
}

static void check_app_seals(const char *path)
{
	struct error err = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(scan_free) struct scan scan = { 0 };
	AUTO(bundle_tree_free) struct bundle_tree tree = { 0 };
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE,
		                      .hash_code = true,
		                      .threads = 2 };

	REQUIRE_OK(container_open(&c, path, &err), &err);
	REQUIRE_OK(scan_app(&scan, &c, &how, &err), &err);
	REQUIRE_OK(bundle_find(&tree, &c, &scan, &err), &err);
	for (size_t i = 0; i < tree.count; i++)
		check_bundle_seal(&scan, tree.items[i]);
}

TEST(regenerates_the_seals_of_real_apps_byte_for_byte)
{
	if (each_file("apps", check_app_seals) > 0)
		CHECK(seals_checked >= 20);
	printf("# %zu seals\n", seals_checked);
}

/* ---- signatures of real code ---- */

static size_t signatures_checked, requirements_checked, entitlements_checked;

static void check_pages(const struct macho_slice *s, const struct signature *g)
{
	for (size_t i = 0; i < g->cds.count; i++) {
		uint32_t page = 0;

		CHECK(whole_code_fits(&g->cds.cds[i], s->bytes, &page));
	}
}

static void check_entitlement_blobs(const struct signature *g)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *xml = NULL;
	AUTO(drop_pl) struct pl *der = NULL;
	AUTO(buf_free) struct buf again = BUF_INIT(ENTITLEMENTS_MAX_BYTES);

	if (g->entitlements_xml.n <= 8 || g->entitlements_der.n <= 8)
		return;
	REQUIRE_OK(entitlements_parse_xml(&xml, g->entitlements_xml, &err), &err);
	REQUIRE_OK(entitlements_parse_der(&der, g->entitlements_der, &err), &err);
	CHECK(pl_equal(xml, der));
	/* 0x70: the present form, which we write too. */
	if (g->entitlements_der.p[8] != 0x70)
		return;
	REQUIRE_OK(entitlements_build_der(&again, der, &err), &err);
	CHECK(slice_equal(buf_slice(&again), g->entitlements_der));
	entitlements_checked++;
}

static void check_requirements(const struct signature *g, const struct cms *cms)
{
	static struct trust apple;
	struct error err = { 0 };
	struct trust_chain chain;
	AUTO(buf_free) struct buf again = BUF_INIT(REQUIREMENT_MAX_BYTES);

	if (apple.roots.count == 0)
		trust_apple(&apple);
	trust_build(&chain, &apple, &cms->certs.items[cms->signer_cert], &cms->certs);
	if (chain.problem != TRUST_OK ||
	    !(cert_kind_is_development(chain.certs[0]->kind) ||
	      cert_kind_is_distribution(chain.certs[0]->kind)))
		return;
	REQUIRE_OK(requirement_build_designated(&again, g->cds.cds[0].identifier,
	                                        &chain, (struct slice){ 0 }, &err),
	           &err);
	struct requirement_set set;
	REQUIRE_OK(requirement_set_parse(&set, g->requirements, &err), &err);
	/* Old ones carry a library requirement too. */
	if (set.count != 1)
		return;
	CHECK(slice_equal(buf_slice(&again), g->requirements));
	requirements_checked++;
}

static void check_signature(const struct macho_slice *s, const struct signature *g)
{
	struct error err = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	check_pages(s, g);
	check_entitlement_blobs(g);
	if (g->is_adhoc)
		return;
	REQUIRE_OK(cms_parse(&cms, blob_payload(g->cms), &err), &err);
	REQUIRE_OK(cms_check(&cms, g->cds.cds[0].blob, &err), &err);
	CHECK(signature_check_agility(&cms, &g->cds) <= AGILITY_ABSENT);
	signatures_checked++;
	check_requirements(g, &cms);
}

/* Lay out, write with an empty signature, read again: all must fit. */
static void check_layout(const struct macho *m)
{
	struct error err = { 0 };
	struct macho_layout layouts[MACHO_MAX_SLICES] = { 0 };
	struct slice none[MACHO_MAX_SLICES] = { 0 };
	AUTO(macho_plan_free) struct macho_plan plan = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT((size_t)64 << 20);
	struct macho again;
	bool ok = macho_is_signable(m);

	for (size_t i = 0; ok && i < m->count; i++)
		ok = macho_layout_slice(&layouts[i], &m->slices[i], 1000, &err);
	if (ok && CHECK(macho_plan_file(&plan, m, layouts, &err)) &&
	    CHECK(whole_code_emit(&out, m, &plan, layouts, none, &err)) &&
	    CHECK(macho_parse(&again, buf_slice(&out), &err))) {
		CHECK(again.count == m->count && out.n == plan.total);
		for (size_t i = 0; i < again.count; i++) {
			const struct macho_slice *s = &again.slices[i];

			CHECK(s->sig_offset % 16 == 0 && s->sig_size == 1008);
			CHECK(s->linkedit_fileoff + s->linkedit_filesize == s->bytes.n);
		}
	}
	for (size_t i = 0; i < m->count; i++)
		macho_layout_free(&layouts[i]);
}

static void check_macho(const char *path)
{
	struct error err = { 0 };
	AUTO(file_unmap) struct file_map map = { 0 };
	struct macho m;
	struct signature g;

	/* Changed after signing, by those who made it. */
	if (strstr(path, "hang_test") != NULL)
		return;
	REQUIRE_OK(file_map(&map, path, &err), &err);
	if (!macho_parse(&m, map.bytes, &err)) {
		note(path, &err); /* big-endian, broken on purpose */
		return;
	}
	check_layout(&m);
	for (size_t i = 0; i < m.count; i++) {
		struct slice area = macho_signature(&m.slices[i]);

		error_clear(&err);
		if (area.n > 0 && signature_parse(&g, area, &err))
			check_signature(&m.slices[i], &g);
	}
}

TEST(reads_and_regenerates_the_signatures_of_real_code)
{
	if (each_file("macho", check_macho) > 0) {
		CHECK(signatures_checked > 20);
		CHECK(requirements_checked > 10);
		CHECK(entitlements_checked >= 5);
	}
	printf("# %zu signatures, %zu requirement sets, %zu entitlements\n",
	       signatures_checked, requirements_checked, entitlements_checked);
}

/* ---- profiles ---- */

static void check_profile(const char *path)
{
	static struct trust apple;
	struct error err = { 0 };
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(profile_free) struct profile p = { 0 };
	char why[256] = "";

	if (apple.roots.count == 0)
		trust_apple(&apple);
	REQUIRE_OK(file_map(&map, path, &err), &err);
	REQUIRE_OK(profile_parse(&p, map.bytes, &err), &err);
	if (!CHECK(profile_check_signature(&p, &apple, why) == PROFILE_SIGNATURE_OK) ||
	    !CHECK(profile_check_der(&p, &apple, why)))
		printf("# %s: %s\n", path, why);
	/* The kind stands in the file's name. */
	const char *word = profile_kind_word(p.kind);
	AUTO(drop_str) char *marked = mem_format("-%.3s", word);
	if (!CHECK(strstr(path, marked) != NULL))
		printf("# %s: read as %s\n", path, word);
}

TEST(verifies_every_profile_that_apple_signed)
{
	if (each_file("profiles", check_profile) == 0)
		return;
}

static void check_other_profile(const char *path)
{
	struct error err = { 0 };
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(profile_free) struct profile p = { 0 };
	AUTO(trust_free) struct trust apple = { 0 };
	char why[256] = "";

	trust_apple(&apple);
	REQUIRE_OK(file_map(&map, path, &err), &err);
	if (profile_parse(&p, map.bytes, &err))
		CHECK(profile_check_signature(&p, &apple, why) != PROFILE_SIGNATURE_OK);
	else
		CHECK(err.message[0] != '\0' && err.hint[0] != '\0');
}

TEST(trusts_no_profile_that_somebody_else_signed)
{
	each_file("profiles/other", check_other_profile);
}

/* ---- identities ---- */

/* The n-th tab-separated field of a line; new string. */
static char *field(const char *line, size_t n)
{
	while (n-- > 0) {
		const char *tab = strchr(line, '\t');

		if (tab == NULL)
			return mem_copy("");
		line = tab + 1;
	}
	return mem_str(line, strcspn(line, "\t\n"));
}

static bool open_p12(const char *name, const char *text, struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/identities/%s", TESTDATA_DIR, name);
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(secret_free) struct secret password = { 0 };
	AUTO(identity_free) struct identity identity = { 0 };
	struct p12_info info = { 0 };

	return file_map(&map, path, err) && secret_init(&password, 256, err) &&
	       secret_append(&password, slice_str(text), err) &&
	       p12_parse(&identity, &info, map.bytes, &password, err);
}

static size_t p12_opened;

static void check_identity(const char *line)
{
	struct error err = { 0 };
	AUTO(drop_str) char *name = field(line, 0);
	AUTO(drop_str) char *type = field(line, 3);
	AUTO(drop_str) char *password = field(line, 4);
	AUTO(drop_str) char *content = field(line, 6);
	AUTO(drop_str) char *path = mem_format("%s/identities/%s", TESTDATA_DIR, name);
	bool whole =
		strstr(content, "keys=1") != NULL && strstr(content, "certs=0") == NULL;
	const char *opens = strcmp(password, "(empty)") == 0 ? "" : password;

	if (strcmp(type, "p12") != 0 || access(path, R_OK) != 0)
		return;
	if (open_p12(name, opens, &err))
		p12_opened++;
	else if (!CHECK(!whole || err.code == ERROR_NOT_FOUND))
		note(name, &err);
	error_clear(&err);
	if (!open_p12(name, "certainly not the password", &err) &&
	    !CHECK(err.code == ERROR_AUTH || err.code == ERROR_NOT_FOUND ||
	           err.code == ERROR_FORMAT))
		note(name, &err);
}

TEST(opens_identities_of_every_kind)
{
	struct error err = { 0 };
	static bool heap;
	AUTO(drop_str) char *path = mem_format("%s/identities/index.tsv", TESTDATA_DIR);
	AUTO(buf_free) struct buf index = BUF_INIT((size_t)1 << 20);

	if (!file_read(&index, path, &err)) {
		printf("# SKIP: no real identities\n");
		return;
	}
	if (!heap)
		REQUIRE_OK(secret_setup(&err), &err);
	heap = true;
	REQUIRE_OK(buf_append(&index, slice_of("", 1), &err), &err);
	for (const char *line = (const char *)index.p; *line != '\0';) {
		check_identity(line);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	printf("# %zu opened\n", p12_opened);
	CHECK(p12_opened >= 30);
}
