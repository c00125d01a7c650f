/* SPDX-License-Identifier: Apache-2.0 */
#include "support/doctor_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/cms.h"
#include "crypto/csr.h"
#include "support/fake_p12.h"
#include "support/fake_pki.h"
#include "support/known_messages.h"
#include "util/mem.h"

#define COVERED_MAX 200

/* ---- makers ---- */

bool scene_put(const struct scene *s, const char *name, struct slice bytes,
               struct error *err)
{
	AUTO(drop_str) char *path = scratch_path(&s->folder, name);
	AUTO(drop_str) char *folder = mem_copy(path);

	*strrchr(folder, '/') = '\0';
	return file_make_dir(folder, 0755, err) &&
	       file_write(path, bytes, 0644, false, err);
}

bool scene_text(const struct scene *s, const char *name, const char *text,
                struct error *err)
{
	return scene_put(s, name, slice_str(text), err);
}

bool scene_key(const struct scene *s, const char *name, const struct key *key,
               struct error *err)
{
	AUTO(secret_free) struct secret pem = { 0 };

	return secret_init(&pem, 10000, err) && key_write_pem(&pem, key, NULL, err) &&
	       scene_put(s, name, secret_reveal(&pem), err);
}

bool scene_cert(const struct scene *s, const char *name, const struct cert *cert,
                struct error *err)
{
	return scene_put(s, name, cert->der, err);
}

bool scene_p12(const struct scene *s, const char *name, const struct identity *identity,
               enum p12_flavour flavour, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);

	return p12_build(&file, identity, flavour, &s->password, err) &&
	       scene_put(s, name, buf_slice(&file), err);
}

bool scene_fake_p12(const struct scene *s, const char *name, const struct fake_p12 *how,
                    struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);

	fake_p12(&file, how);
	return scene_put(s, name, buf_slice(&file), err);
}

bool scene_named(const struct scene *s, const char *name, enum profile_kind kind,
                 const char *app_id, const char *title, struct error *err)
{
	const struct identity *identity =
		kind == PROFILE_DEVELOPMENT ? &team.development : &team.distribution;
	const char *const serials[] = { identity->cert.serial };
	const struct authority_profile_request request = { .kind = kind,
		                                           .identifier = app_id,
		                                           .name = title,
		                                           .serials = serials,
		                                           .serial_count = 1 };
	struct authority_profile_list list = { 0 };

	if (!authority_app_add(team.authority, app_id, NULL, err)) {
		if (err->code != ERROR_EXISTS)
			return false;
		error_clear(err);
	}
	bool ok = authority_profile_create(&list, team.authority, &request, err) &&
	          scene_put(s, name, list.items[0].content, err) &&
	          authority_profile_delete(team.authority, title, err);
	authority_profile_list_free(&list);
	return ok;
}

bool scene_edited(const struct scene *s, const char *name, enum profile_kind kind,
                  const char *app_id, const char *title, void (*edit)(struct pl *root),
                  struct error *err)
{
	AUTO(profile_free) struct profile p = { 0 };
	AUTO(buf_free) struct buf made = BUF_INIT(PROFILE_MAX_BYTES);
	AUTO(buf_free) struct buf text = BUF_INIT(PROFILE_MAX_BYTES);
	AUTO(buf_free) struct buf bytes = BUF_INIT(PROFILE_MAX_BYTES);
	AUTO(drop_str) char *path = scratch_path(&s->folder, name);
	struct fake_party *by = &fake_pki()->profile_signer;
	const struct cms_sign how = { .cert = &by->cert,
		                      .key = key_signer(&by->key),
		                      .time_s = FAKE_NOW_S };

	if (!scene_named(s, name, kind, app_id, title, err) ||
	    !file_read(&made, path, err) || !profile_parse(&p, buf_slice(&made), err))
		return false;
	AUTO(drop_pl) struct pl *root = pl_copy(p.root);
	pl_remove(root, "DER-Encoded-Profile");
	edit(root);
	return pl_write_xml(&text, root, err) &&
	       cms_build(&bytes, buf_slice(&text), &how, err) &&
	       scene_put(s, name, buf_slice(&bytes), err);
}

bool scene_profile(const struct scene *s, const char *name, enum profile_kind kind,
                   const char *app_id, struct error *err)
{
	static unsigned number;
	AUTO(drop_str) char *title = mem_format("Scene %u", ++number);

	return scene_named(s, name, kind, app_id, title, err);
}

/* No profile that the authority makes says whose clip it is. */
static void remove_clip(const struct scratch *folder)
{
	struct scratch clips;

	snprintf(clips.path, sizeof clips.path, "%.200s/App.app/AppClips",
	         folder->path);
	if (access(clips.path, F_OK) == 0)
		scratch_remove(&clips);
}

bool scene_app(const struct scene *s, const char *name, const struct good_how *how,
               struct identity *identity, enum profile_kind kind, struct error *err)
{
	AUTO(test_profile_free) struct test_profile p = { 0 };
	AUTO(scratch_remove) struct scratch built = { 0 };

	if (!scratch_make(&built))
		return error_set(err, ERROR_IO, "no scratch folder");
	AUTO(drop_str) char *from = scratch_path(&built, "App.app");
	AUTO(drop_str) char *to = scratch_path(&s->folder, name);
	if (!good_app_write(built.path, how, err))
		return false;
	remove_clip(&built);
	if (identity == NULL)
		return rename(from, to) == 0 || error_set_errno(err, "rename");
	if (!test_team_profile(&p, &team, kind,
	                       kind == PROFILE_APPSTORE ? GOOD_APP_ID : "*", err))
		return false;
	const struct sign_profile profiles[] = { borrow(&p) };
	const struct sign_request request =
		test_team_request(&team, identity, profiles, 1);
	return sign_with(from, to, &request, err);
}

bool scene_project(const struct scene *s, const struct tiny_xcode *project,
                   struct error *err)
{
	AUTO(drop_str) char *path = tiny_xcode_write(&s->folder, project);

	return path != NULL || error_set(err, ERROR_IO, "no project");
}

/* ---- identities ---- */

static struct identity others[AUTHORITY_CERT_COUNT];

static void drop_others(void)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		identity_free(&others[i]);
}

static bool make_other(struct identity *out, enum authority_cert_type type,
                       struct error *err)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(100000);
	const struct csr_subject subject = { .cn = "Somebody Else" };
	struct authority_cert_list list = { 0 };
	AUTO(csr_free) struct csr csr = { 0 };

	bool ok = key_new(&out->key, KEY_RSA2048, err) &&
	          csr_build(&pem, &subject, &out->key, err) &&
	          csr_parse(&csr, buf_slice(&pem), err) &&
	          authority_cert_issue(&list, team.authority, &csr, type, false, err) &&
	          cert_parse(&out->cert, list.items[0].der, err);
	authority_cert_list_free(&list);
	return ok;
}

struct identity *scene_other(enum authority_cert_type type)
{
	static bool is_registered;
	struct error err = { 0 };

	if (!is_registered)
		is_registered = atexit(drop_others) == 0;
	if (others[type].cert.x509 == NULL && !make_other(&others[type], type, &err)) {
		error_print(&err, stderr, true);
		abort();
	}
	return &others[type];
}

/* ---- running ---- */

static const char *covered[COVERED_MAX];
static size_t covered_count;

static void cover(const char *id)
{
	for (size_t i = 0; i < covered_count; i++)
		if (strcmp(covered[i], id) == 0)
			return;
	if (covered_count < COVERED_MAX)
		covered[covered_count++] = id;
}

void scene_free(struct scene *s)
{
	secret_free(&s->password);
	scratch_remove(&s->folder);
}

bool scene_make(struct scene *s, bool (*make)(struct scene *s, struct error *err),
                struct error *err)
{
	if (!team_make(err))
		return false;
	if (!scratch_make(&s->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	s->request = (struct doctor_request){ .trust = &team.trust,
		                              .password = &s->password,
		                              .now_s = GOOD_APP_TIME + 60,
		                              .goal = -1,
		                              .threads = 1 };
	return secret_init(&s->password, 100, err) &&
	       secret_append(&s->password, slice_str(SCENE_PASSWORD), err) &&
	       (make == NULL || make(s, err));
}

/* All that is told about it, as one text. */
static bool says(const struct diagnosis *d, const char *text)
{
	if (text == NULL || strstr(d->cause, text) != NULL ||
	    strstr(d->fix, text) != NULL || strstr(d->subject, text) != NULL)
		return true;
	for (size_t i = 0; i < d->fact_count; i++)
		if (strstr(d->facts[i].value, text) != NULL ||
		    strstr(d->facts[i].field, text) != NULL ||
		    strstr(d->facts[i].where, text) != NULL)
			return true;
	return false;
}

static void print_all(const struct doctor_case *c, const struct diagnoses *all)
{
	fprintf(stderr, "# %s: wanted %s\n", c->name,
	        c->id != NULL ? c->id : "nothing");
	for (size_t i = 0; i < all->count; i++) {
		const struct diagnosis *d = &all->items[i];

		fprintf(stderr, "#   %s %s%s: %s | %s\n", d->id,
		        diagnosis_certainty_name(d->certainty),
		        d->is_warning ? " (warning)" : "", d->cause, d->fix);
		for (size_t k = 0; k < d->fact_count; k++)
			fprintf(stderr, "#     %s: %s: %s\n", d->facts[k].where,
			        d->facts[k].field, d->facts[k].value);
	}
}

static bool is_of_tone(const struct diagnosis *d, enum scene_tone tone)
{
	switch (tone) {
	case SCENE_PROVED:
		return !d->is_warning && d->certainty == DIAGNOSIS_PROVED;
	case SCENE_LIKELY:
		return !d->is_warning && d->certainty == DIAGNOSIS_LIKELY;
	case SCENE_WARNING:
		return d->is_warning && d->certainty >= DIAGNOSIS_LIKELY;
	case SCENE_POSSIBLE:
		return d->certainty == DIAGNOSIS_POSSIBLE;
	case SCENE_RULED_OUT:
		return d->certainty == DIAGNOSIS_RULED_OUT;
	default:
		return d->certainty >= DIAGNOSIS_LIKELY;
	}
}

static bool is_told(const struct doctor_case *c, const struct diagnosis *d)
{
	return strcmp(d->id, c->id) == 0 && says(d, c->text) &&
	       is_of_tone(d, c->tone) &&
	       (c->fix == NULL || strncmp(d->fix, c->fix, strlen(c->fix)) == 0);
}

static bool is_as_wanted(const struct doctor_case *c, const struct diagnoses *all,
                         const struct doctor *d)
{
	const struct diagnosis *first = all->count > 0 ? &all->items[0] : NULL;

	if ((c->also != NULL && !diagnoses_has(all, c->also, DIAGNOSIS_LIKELY)) ||
	    (c->unnamed != NULL && diagnoses_has(all, c->unnamed, DIAGNOSIS_LIKELY)) ||
	    (c->is_alone && all->count > 1))
		return false;
	for (size_t i = 0; c->is_unexplained && i < d->message_count; i++)
		if (d->messages[i].is_explained)
			return false;
	if (c->id != NULL)
		return first != NULL && is_told(c, first);
	return first == NULL || first->is_warning ||
	       first->certainty < DIAGNOSIS_LIKELY;
}

/* Look at what is there, hear the log, compare. */
static void diagnose(const struct doctor_case *c, const struct doctor_request *request,
                     const char *path, const char *log)
{
	AUTO(drop_doctor) struct doctor *d = doctor_new(request);
	AUTO(diagnoses_free) struct diagnoses all = { 0 };
	struct error err = { 0 };

	if (!test_ok(doctor_look(d, path, &err), &err, __FILE__, __LINE__, c->name))
		return;
	if (log != NULL) {
		doctor_log_feed(d, slice_str(log));
		doctor_log_end(d);
	}
	doctor_diagnose(&all, d, NULL);
	if (!CHECK(is_as_wanted(c, &all, d)))
		print_all(c, &all);
	else if (c->id != NULL && all.items[0].certainty >= DIAGNOSIS_LIKELY)
		cover(c->id);
}

static void run_scene(const struct doctor_case *c)
{
	AUTO(scene_free) struct scene s = { 0 };
	struct error err = { 0 };

	if (test_ok(scene_make(&s, c->make, &err), &err, __FILE__, __LINE__, c->name))
		diagnose(c, &s.request, s.folder.path, c->log);
}

/* ---- apps ---- */

static void replace(char *text, size_t size, const char *from, const char *to)
{
	for (char *at = text; (at = strstr(at, from)) != NULL; at += strlen(to)) {
		AUTO(drop_str) char *rest = mem_copy(at + strlen(from));

		snprintf(at, size - (size_t)(at - text), "%s%s", to, rest);
	}
}

/* What is known to be said about the entry, as if it were about the good app. */
static void say(char out[1000], const char *id)
{
	static const char *const names[][2] = {
		{ "com.acme.shop.share", GOOD_APP_ID ".share" },
		{ "com.acme.shop", GOOD_APP_ID },
		{ "PlugIns/share.appex", "PlugIns/Share.appex" },
		{ "/tmp/X.framework", "/tmp/App.app" },
		{ "Shop.app/Shop", "App.app/App" },
		{ "Shop.app", "App.app" },
		{ "Shop AppStore", "Forged" },
		{ "Shop AdHoc", "Forged" },
		{ "\"Shop\"", "\"Forged\"" },
	};

	out[0] = '\0';
	for (size_t i = 0; i < known_message_count && out[0] == '\0'; i++)
		if (strcmp(known_messages[i].id, id) == 0)
			snprintf(out, 1000, "%s\n", known_messages[i].text);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		replace(out, 1000, names[i][0], names[i][1]);
}

static void look_at_app(const struct doctor_case *c, bool is_for_store,
                        const struct forge_case *how, const char *log)
{
	AUTO(forge_free) struct forge f = { 0 };
	struct error err = { 0 };

	if (!test_ok(forge_make(&f, how, &err), &err, __FILE__, __LINE__, c->name))
		return;
	const struct doctor_request request = { .trust = f.request.trust,
		                                .now_s = f.request.at_s,
		                                .device = f.request.device,
		                                .goal = is_for_store
		                                                ? (int)PROFILE_APPSTORE
		                                                : -1,
		                                .threads = 1 };
	diagnose(c, &request, f.app, log);
}

static void run_app(const struct doctor_case *c)
{
	static const struct forge_case good;
	const struct forge_case *sound = c->sound != NULL ? c->sound : &good;
	const struct doctor_case twin = { .name = c->name, .unnamed = c->id };
	char log[1000] = "";

	if (c->log == NULL && !c->is_unsaid)
		say(log, c->id);
	const char *said = c->log != NULL ? c->log : c->is_unsaid ? NULL : log;
	look_at_app(c, c->is_for_store, c->app, said);
	if (!c->has_no_twin)
		look_at_app(&twin, c->is_for_store, sound, said);
}

void doctor_cases_run(const struct doctor_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(cases[i].app != NULL ? run_app : run_scene)(&cases[i]);
	printf("# entries told first so far: %zu\n", covered_count);
}
