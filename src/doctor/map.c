/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/map.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "doctor/relate.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"

#define SOON_S (30 * CLOCK_DAY_S)

/* A node of the drawing, and how it is known again. */
struct thing {
	enum relation_column column;
	enum relation_state state;
	char *name, *note; /* owned */
	char *is;          /* owned: the same thing has the same text */
	char *path;        /* owned: the file, or "Shop.xcodeproj: Shop, " */
	const char *place; /* in the file: of a bundle; NULL */
	bool is_told;      /* the note is what is wrong with it */
};

struct drawing {
	struct exam x;
	struct thing *things;
	size_t count, cap;
	struct relation_edge *edges;
	size_t edge_count, edge_cap;
	bool is_full; /* more than can be drawn */
};

static void drawing_free(struct drawing *m)
{
	for (size_t i = 0; i < m->count; i++) {
		free(m->things[i].name);
		free(m->things[i].note);
		free(m->things[i].is);
		free(m->things[i].path);
	}
	free(m->things);
	free(m->edges);
}

/* ---- things ---- */

static size_t find(const struct drawing *m, enum relation_column column, const char *is)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->things[i].column == column && strcmp(m->things[i].is, is) == 0)
			return i;
	return SIZE_MAX;
}

/* The thing, added if it is new; all texts are taken over. */
static size_t add(struct drawing *m, struct thing t)
{
	size_t i = find(m, t.column, t.is);

	m->is_full |= i == SIZE_MAX && m->count == RELATION_NODES_MAX;
	if (i == SIZE_MAX && !m->is_full) {
		m->things = mem_grow(m->things, m->count, &m->cap, sizeof *m->things);
		m->things[m->count] = t;
		return m->count++;
	}
	free(t.name);
	free(t.note);
	free(t.is);
	free(t.path);
	return m->is_full ? SIZE_MAX : i;
}

/* The line between two things; NULL: there can be none. */
static struct relation_edge *join(struct drawing *m, size_t from, size_t to)
{
	if (from == SIZE_MAX || to == SIZE_MAX)
		return NULL;
	for (size_t i = 0; i < m->edge_count; i++)
		if (m->edges[i].from == from && m->edges[i].to == to)
			return &m->edges[i];
	m->is_full |= m->edge_count == RELATION_EDGES_MAX;
	if (m->is_full)
		return NULL;
	m->edges = mem_grow(m->edges, m->edge_count, &m->edge_cap, sizeof *m->edges);
	m->edges[m->edge_count] = (struct relation_edge){ .from = from, .to = to };
	return &m->edges[m->edge_count++];
}

static char *hex_of(const unsigned char sha256[32])
{
	char text[65];

	digest_hex(text, slice_of(sha256, 32));
	return mem_copy(text);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static enum relation_state state_of(const struct drawing *m, int64_t until_s)
{
	int64_t now = m->x.d->request.now_s;

	if (until_s <= now)
		return RELATION_BAD;
	return until_s <= now + SOON_S ? RELATION_SOON : RELATION_GOOD;
}

static char *end_note(int64_t until_s)
{
	char date[CLOCK_TEXT_BYTES];

	clock_format_date(date, until_s);
	return mem_format("until %s", date);
}

static size_t add_cert(struct drawing *m, const struct artifact_cert *c,
                       const char *path)
{
	return add(m, (struct thing){ .column = RELATION_CERTIFICATES,
	                              .state = state_of(m, c->not_after_s),
	                              .name = mem_copy(c->cn),
	                              .note = end_note(c->not_after_s),
	                              .is = hex_of(c->sha256),
	                              .path = mem_copy(path) });
}

/* What the same list has in common with itself. */
static char *list_print(const struct pl *devices)
{
	AUTO(digest_free) struct digest_ctx ctx = { 0 };
	unsigned char sum[DIGEST_MAX_BYTES];

	digest_init(&ctx, DIGEST_SHA256);
	for (size_t i = 0; i < devices->count; i++) {
		const char *udid = pl_text(devices->items[i]);

		digest_update(&ctx, slice_str(udid != NULL ? udid : ""));
		digest_update(&ctx, slice_of("", 1));
	}
	digest_final(sum, &ctx);
	return hex_of(sum);
}

static void add_devices(struct drawing *m, size_t profile,
                        const struct artifact_profile *p)
{
	const char *asked = m->x.d->request.device.udid;

	if (p->devices == NULL)
		return;
	join(m, profile,
	     add(m, (struct thing){ .column = RELATION_DEVICES,
	                            .name = mem_format("%zu %s", p->devices->count,
	                                               plural(p->devices->count,
	                                                      "device", "devices")),
	                            .is = list_print(p->devices),
	                            .path = mem_copy("") }));
	if (asked == NULL)
		return;
	struct relation_edge *edge =
		join(m, profile,
	             add(m, (struct thing){ .column = RELATION_DEVICES,
	                                    .name = mem_copy(asked),
	                                    .note = mem_copy("--device"),
	                                    .is = mem_copy(asked),
	                                    .path = mem_copy(asked) }));
	if (edge != NULL && !relate_lists_device(p, asked)) {
		edge->broken = "PROF-12";
		edge->why = "the profile does not list it";
	}
}

static size_t add_profile(struct drawing *m, const struct artifact_profile *p,
                          const char *path)
{
	size_t at = add(m, (struct thing){ .column = RELATION_PROFILES,
	                                   .state = state_of(m, p->expires_s),
	                                   .name = mem_copy(p->name),
	                                   .note = end_note(p->expires_s),
	                                   .is = mem_copy(p->uuid),
	                                   .path = mem_copy(path) });

	for (size_t i = 0; i < p->cert_count; i++)
		join(m, add_cert(m, &p->certs[i], ""), at);
	add_devices(m, at, p);
	return at;
}

static void add_bundle(struct drawing *m, const struct doctor_file *f,
                       const struct artifact_bundle *b)
{
	if (!relate_is_process(b))
		return;
	/* The parts of an app have longer ids, which differ at their ends. */
	const char *name =
		b == &f->a.bundles[0] && b->id != NULL ? b->id : last_part(b->path);
	size_t app = add(m, (struct thing){ .column = RELATION_APPS,
	                                    .name = mem_copy(name),
	                                    .note = mem_copy(last_part(f->path)),
	                                    .is = mem_format("%s %s", f->path, b->path),
	                                    .path = mem_copy(f->path),
	                                    .place = b->path });
	if (b->profile != NULL)
		join(m, add_profile(m, b->profile, f->path), app);
	/* Through its profile, unless that does not list it. */
	if (b->signer != NULL &&
	    (b->profile == NULL ||
	     artifact_profile_cert(b->profile, b->signer->sha256) == NULL))
		join(m, add_cert(m, b->signer, ""), app);
}

static void add_target(struct drawing *m, const struct exam_target *t)
{
	struct exam_profile chosen = { 0 };

	if (!relate_is_signed(t))
		return;
	size_t app =
		add(m,
	            (struct thing){ .column = RELATION_APPS,
	                            .name = relate_bundle_id(t),
	                            .note = mem_format("target %s", t->target->name),
	                            .is = mem_format("%s: %s", t->project->bundle,
	                                             t->target->name),
	                            .path = mem_format("%s: %s, ", t->project->bundle,
	                                               t->target->name) });
	if (relate_target_profile(&chosen, &m->x, t))
		join(m, add_profile(m, chosen.profile, chosen.file->path), app);
}

/* Files first: their paths are what diagnoses name. */
static void add_all(struct drawing *m)
{
	const struct doctor *d = m->x.d;
	struct exam_cert c = { 0 };
	struct exam_profile p = { 0 };
	struct exam_target t = { 0 };
	struct exam_bundle b = { 0 };

	for (size_t i = 0; i < d->file_count; i++) {
		const struct doctor_file *f = &d->files[i];

		if (!f->is_read || !f->a.has_key)
			continue;
		add(m, (struct thing){ .column = RELATION_KEYS,
		                       .name = mem_copy(last_part(f->path)),
		                       .note = mem_copy(f->a.key.type),
		                       .is = hex_of(f->a.key.sha256),
		                       .path = mem_copy(f->path) });
	}
	while (exam_next_cert(&c, &m->x))
		add_cert(m, c.cert, c.file->path);
	while (relate_next_profile(&p, &m->x))
		add_profile(m, p.profile, p.file->path);
	while (exam_next_bundle(&b, &m->x))
		add_bundle(m, b.file, b.bundle);
	while (exam_next_target(&t, &m->x))
		add_target(m, &t);
}

/* Which certificate a key is of is known only when all are there. */
static void join_keys(struct drawing *m)
{
	const struct doctor *d = m->x.d;
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, &m->x))
		for (size_t i = 0; i < d->file_count; i++) {
			const struct artifact *a = &d->files[i].a;

			if (!d->files[i].is_read || !a->has_key ||
			    !artifact_cert_has_key(c.cert, a->key.sha256))
				continue;
			AUTO(drop_str) char *key = hex_of(a->key.sha256);
			AUTO(drop_str) char *cert = hex_of(c.cert->sha256);
			join(m, find(m, RELATION_KEYS, key),
			     find(m, RELATION_CERTIFICATES, cert));
		}
}

/* ---- what is broken ---- */

/* Is it what the diagnosis says that suffers? */
static bool is_subject(const struct thing *t, const struct diagnosis *d)
{
	size_t n = strlen(t->path);

	if (n == 0)
		return false;
	return strcmp(d->subject, t->path) == 0 ||
	       (t->path[n - 1] == ' ' && strncmp(d->subject, t->path, n) == 0);
}

/* Do the facts name the bundle of the app that it is? */
static bool is_placed(const struct thing *t, const struct diagnosis *d)
{
	for (size_t i = 0; t->place != NULL && i < d->fact_count; i++)
		if (strcmp(d->facts[i].where, t->place) == 0)
			return true;
	return false;
}

static bool is_mentioned(const struct thing *t, const struct diagnosis *d)
{
	AUTO(drop_str) char *quoted = mem_format("\"%s\"", t->name);

	if (strstr(d->cause, quoted) != NULL ||
	    (t->path[0] != '\0' && strstr(d->cause, t->path) != NULL))
		return true;
	for (size_t i = 0; i < d->fact_count; i++)
		if ((t->path[0] != '\0' && strcmp(d->facts[i].where, t->path) == 0) ||
		    strstr(d->facts[i].value, quoted) != NULL)
			return true;
	return is_placed(t, d);
}

/* The surer one stands. */
static void mark(struct relation_edge *e, const struct diagnosis *d)
{
	if (e->broken != NULL)
		return;
	e->broken = d->id;
	e->why = d->cause;
}

static void mark_thing(struct drawing *m, size_t i, const struct diagnosis *d)
{
	struct thing *t = &m->things[i];
	/* An app suffers from what it is signed with; others hurt what needs them. */
	bool is_end = t->column >= RELATION_APPS;
	bool is_drawn = false;

	for (int k = 0; k < 2 && !is_drawn; k++, is_end = !is_end)
		for (size_t e = 0; e < m->edge_count; e++)
			if ((is_end ? m->edges[e].to : m->edges[e].from) == i) {
				mark(&m->edges[e], d);
				is_drawn = true;
			}
	t->state = RELATION_BAD;
	if (is_drawn || t->is_told)
		return;
	t->is_told = true;
	free(t->note);
	t->note = mem_copy(d->id);
}

/* Between what suffers and what the facts name, else at what suffers alone: of an app
 * at the bundles that they name. */
static void mark_broken(struct drawing *m, const struct diagnosis *d)
{
	bool is_between = false, has_place = false;

	for (size_t i = 0; i < m->count; i++)
		has_place |=
			is_subject(&m->things[i], d) && is_placed(&m->things[i], d);
	for (size_t e = 0; e < m->edge_count; e++) {
		const struct thing *from = &m->things[m->edges[e].from];
		const struct thing *to = &m->things[m->edges[e].to];

		if ((is_subject(from, d) && is_mentioned(to, d)) ||
		    (is_subject(to, d) && is_mentioned(from, d) &&
		     (!has_place || is_placed(to, d)))) {
			mark(&m->edges[e], d);
			is_between = true;
		}
	}
	for (size_t i = 0; !is_between && i < m->count; i++)
		if (is_subject(&m->things[i], d) &&
		    (!has_place || is_placed(&m->things[i], d)))
			mark_thing(m, i, d);
}

static void drop_nodes(struct relation_node **nodes)
{
	free(*nodes);
}

bool doctor_map(struct picture *out, struct doctor *d, const struct diagnoses *all,
                struct error *err)
{
	AUTO(drawing_free) struct drawing m = { .x.d = d };
	AUTO(drop_nodes) struct relation_node *nodes = NULL;

	add_all(&m);
	join_keys(&m);
	if (m.is_full) {
		error_set(err, ERROR_LIMIT,
		          "more than %d things to draw, or %d lines between them",
		          RELATION_NODES_MAX, RELATION_EDGES_MAX);
		return error_hint(err, "Name some of the files or folders.");
	}
	if (m.count == 0) {
		error_set(err, ERROR_NOT_FOUND, "there is nothing to draw");
		return error_hint(err,
		                  "Name a folder with certificates, profiles, apps "
		                  "or a project.");
	}
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].certainty >= DIAGNOSIS_LIKELY &&
		    !all->items[i].is_warning)
			mark_broken(&m, &all->items[i]);
	nodes = mem_zero(m.count, sizeof *nodes);
	for (size_t i = 0; i < m.count; i++)
		nodes[i] = (struct relation_node){ .column = m.things[i].column,
			                           .state = m.things[i].state,
			                           .name = m.things[i].name,
			                           .note = m.things[i].note };
	const struct relation_map map = { .nodes = nodes,
		                          .node_count = m.count,
		                          .edges = m.edges,
		                          .edge_count = m.edge_count };
	return picture_relations(out, &map, err);
}
