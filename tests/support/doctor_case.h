/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_case.h - situations for the doctor: a folder of files made on the spot, perhaps
 * a log, and what the doctor has to say first.
 *
 *     static bool pem_as_p12(struct scene *s, struct error *err)
 *     {
 *             return scene_key(s, "dist.p12", &team.distribution.key, err);
 *     }
 *
 *     static const struct doctor_case cases[] = {
 *             { "a key in PEM", pem_as_p12, .id = "KEY-03", .text = "PEM" },
 *             { "a .p12", a_p12, .unnamed = "KEY-03" },
 *     };
 *
 *     TEST(keys)
 *     {
 *             doctor_cases_run(cases, ARRAY_LEN(cases));
 *     }
 *
 * The team is that of sign_fixture.h, the time GOOD_APP_TIME and a minute, the password
 * of .p12 files SCENE_PASSWORD.
 */
#pragma once

#include "doctor/doctor.h"
#include "support/forge.h"
#include "support/sign_fixture.h"
#include "support/tiny_xcode.h"

#define SCENE_PASSWORD "open sesame"

struct scene {
	struct scratch folder;
	struct doctor_request request;
	struct secret password;
};

enum scene_tone {
	SCENE_ANY,    /* of these three */
	SCENE_PROVED, /* an error, for sure */
	SCENE_LIKELY, /* an error, likely */
	SCENE_WARNING,
	SCENE_POSSIBLE, /* the facts that decide are missing */
	SCENE_RULED_OUT,
};

struct doctor_case {
	const char *name;
	bool (*make)(struct scene *s, struct error *err); /* NULL: an empty folder */
	const char *id;       /* what is told first, and not as a mere possibility */
	const char *unnamed;  /* this is not told; id NULL: nor is anything for sure */
	const char *also;     /* this is told too */
	const char *text;     /* in cause, command or evidence; NULL: anything */
	const char *fix;      /* what the command begins with; NULL: anything */
	const char *log;      /* NULL: none */
	enum scene_tone tone; /* of what is told first */
	bool is_alone;        /* nothing else is told */
	bool is_unexplained;  /* no fact explains a message of the log */
	/* In place of make: this app, forged; with a message about id in the log, that
	   is about it.  The good one (sound; NULL: with no fault) with the same message
	   is to be told nothing of the kind. */
	const struct forge_case *app, *sound;
	bool is_for_store; /* the goal */
	bool is_unsaid;    /* no message: the fact alone */
	bool has_no_twin;  /* the message alone is the fault */
};

/* Every case; prints what went wrong, and how many entries were told first so far. */
void doctor_cases_run(const struct doctor_case *cases, size_t count);

/* The folder alone, for what the cases cannot say.  Zeros before. */
NODISCARD bool scene_make(struct scene *s,
                          bool (*make)(struct scene *s, struct error *err),
                          struct error *err);
void scene_free(struct scene *s); /* for AUTO() */

/* ---- for makers ---- */

NODISCARD bool scene_put(const struct scene *s, const char *name, struct slice bytes,
                         struct error *err);
NODISCARD bool scene_text(const struct scene *s, const char *name, const char *text,
                          struct error *err);
/* PEM, not encrypted. */
NODISCARD bool scene_key(const struct scene *s, const char *name, const struct key *key,
                         struct error *err);
/* DER. */
NODISCARD bool scene_cert(const struct scene *s, const char *name,
                          const struct cert *cert, struct error *err);
/* With SCENE_PASSWORD. */
NODISCARD bool scene_p12(const struct scene *s, const char *name,
                         const struct identity *identity, enum p12_flavour flavour,
                         struct error *err);
/* As other programs write them. */
struct fake_p12;
NODISCARD bool scene_fake_p12(const struct scene *s, const char *name,
                              const struct fake_p12 *how, struct error *err);
/* Of the team, with its certificate of that kind, and its device; "Scene N". */
NODISCARD bool scene_profile(const struct scene *s, const char *name,
                             enum profile_kind kind, const char *app_id,
                             struct error *err);
/* The same, called title. */
NODISCARD bool scene_named(const struct scene *s, const char *name,
                           enum profile_kind kind, const char *app_id,
                           const char *title, struct error *err);
/* The same with another property list, signed by somebody. */
NODISCARD bool scene_edited(const struct scene *s, const char *name,
                            enum profile_kind kind, const char *app_id,
                            const char *title, void (*edit)(struct pl *root),
                            struct error *err);
/* name: "App.app", without a clip; signed by the identity with profiles for all of it;
 * NULL: as it is built. */
NODISCARD bool scene_app(const struct scene *s, const char *name,
                         const struct good_how *how, struct identity *identity,
                         enum profile_kind kind, struct error *err);
NODISCARD bool scene_project(const struct scene *s, const struct tiny_xcode *project,
                             struct error *err);

/* An identity of the team's authority with a key of its own: another certificate of the
 * same type.  Made once. */
struct identity *scene_other(enum authority_cert_type type);
