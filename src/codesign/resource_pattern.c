/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A regular expression becomes a small program; matching runs all its branches side by
 * side, one character at a time (Thompson's construction).  Each pattern character
 * makes at most two instructions, and an instruction is visited once a character.
 */
#include "codesign/resource_pattern.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

#define PROGRAM_MAX (2 * RESOURCE_PATTERN_MAX + 1)

enum op {
	OP_BYTE,  /* this byte */
	OP_ANY,   /* any byte */
	OP_SET,   /* a byte of a set */
	OP_BEGIN, /* only at the beginning */
	OP_END,   /* only at the end */
	OP_JUMP,  /* go on at a */
	OP_SPLIT, /* go on at a and at b */
	OP_MATCH,
};

struct instruction {
	unsigned char op, byte;
	int16_t a,
		b; /* relative, so that a block can be moved; OP_SET: a is its number */
};

struct set {
	unsigned char bits[32];
};

struct resource_pattern {
	struct instruction code[PROGRAM_MAX];
	int count;
	struct set sets[RESOURCE_PATTERN_MAX / 3 + 1]; /* "[a]" is the shortest */
	int set_count;
	char literal[RESOURCE_PATTERN_MAX + 1]; /* whatever matches has this in it */
};

struct compiler {
	struct resource_pattern *p;
	const char *text, *at;
	unsigned depth;
};

static bool bad(const struct compiler *c, const char *why, struct error *err)
{
	error_set(err, ERROR_FORMAT, "CodeResources: the rule \"%.80s\" %s", c->text,
	          why);
	return error_cause(err, "It is damaged, or was written by a broken tool.");
}

/* ---- compiling ---- */

static void emit(struct compiler *c, enum op op, unsigned char byte, int a, int b)
{
	c->p->code[c->p->count++] = (struct instruction){
		.op = (unsigned char)op, .byte = byte, .a = (int16_t)a, .b = (int16_t)b
	};
}

/* In front of the block that begins at start: to the block, or behind by more. */
static void insert_split(struct compiler *c, int start, int more)
{
	struct instruction *code = c->p->code;
	int n = c->p->count - start;

	memmove(code + start + 1, code + start, (size_t)n * sizeof *code);
	c->p->count = start;
	emit(c, OP_SPLIT, 0, 1, n + 1 + more);
	c->p->count += n;
}

static void add_byte(struct set *set, unsigned char byte)
{
	set->bits[byte / 8] |= (unsigned char)(1U << byte % 8);
}

/* [:digit:] */
static bool add_class(struct set *set, struct compiler *c, struct error *err)
{
	static const struct {
		const char *name;
		int (*has)(int byte);
	} classes[] = {
		{ "[:alnum:]", isalnum }, { "[:alpha:]", isalpha },
		{ "[:blank:]", isblank }, { "[:cntrl:]", iscntrl },
		{ "[:digit:]", isdigit }, { "[:graph:]", isgraph },
		{ "[:lower:]", islower }, { "[:print:]", isprint },
		{ "[:punct:]", ispunct }, { "[:space:]", isspace },
		{ "[:upper:]", isupper }, { "[:xdigit:]", isxdigit },
	};

	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		size_t n = strlen(classes[i].name);

		if (strncmp(c->at, classes[i].name, n) != 0)
			continue;
		c->at += n;
		/* ASCII: the locale is that of C. */
		for (int byte = 0; byte < 128; byte++)
			if (classes[i].has(byte))
				add_byte(set, (unsigned char)byte);
		return true;
	}
	return bad(c, "has an unknown class of characters", err);
}

static bool starts_class(const char *p)
{
	return p[0] == '[' && (p[1] == ':' || p[1] == '.' || p[1] == '=');
}

/* One character, a range, or a class of a bracket expression. */
static bool add_member(struct set *set, struct compiler *c, struct error *err)
{
	if (starts_class(c->at))
		return add_class(set, c, err);
	unsigned char first = (unsigned char)*c->at++, last = first;
	if (c->at[0] == '-' && c->at[1] != ']' && c->at[1] != '\0') {
		if (starts_class(c->at + 1) || (unsigned char)c->at[1] < first)
			return bad(c, "has a range that ends before it begins", err);
		last = (unsigned char)c->at[1];
		c->at += 2;
	}
	for (unsigned byte = first; byte <= last; byte++)
		add_byte(set, (unsigned char)byte);
	return true;
}

static bool compile_set(struct compiler *c, struct error *err)
{
	struct set *set = &c->p->sets[c->p->set_count];
	bool negated = c->at[1] == '^';

	c->at += negated ? 2 : 1;
	do { /* a bracket that comes first is a member */
		if (*c->at == '\0')
			return bad(c, "has a bracket that does not close", err);
		if (!add_member(set, c, err))
			return false;
	} while (*c->at != ']');
	c->at++;
	for (size_t i = 0; negated && i < sizeof set->bits; i++)
		set->bits[i] = (unsigned char)~set->bits[i];
	emit(c, OP_SET, 0, c->p->set_count++, 0);
	return true;
}

static bool compile_escape(struct compiler *c, struct error *err)
{
	unsigned char byte = (unsigned char)c->at[1];

	if (isdigit(byte))
		return bad(c, "refers back", err);
	/* Letters mean different things to different libraries, and so do these. */
	if (!ispunct(byte) || strchr("<>`'", byte) != NULL)
		return bad(c, "has a backslash that means nothing", err);
	c->at += 2;
	emit(c, OP_BYTE, byte, 0, 0);
	return true;
}

static bool compile_alternatives(struct compiler *c, struct error *err);

static bool compile_group(struct compiler *c, struct error *err)
{
	if (++c->depth > RESOURCE_PATTERN_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT,
		                 "CodeResources: the rule \"%.80s\" has more than %d "
		                 "groups inside each other",
		                 c->text, RESOURCE_PATTERN_MAX_DEPTH);
	c->at++;
	if (!compile_alternatives(c, err))
		return false;
	if (*c->at != ')')
		return bad(c, "has a group that does not close", err);
	c->at++;
	c->depth--;
	return true;
}

static bool compile_atom(struct compiler *c, struct error *err)
{
	unsigned char byte = (unsigned char)*c->at;

	switch (byte) {
	case '(':
		return compile_group(c, err);
	case '[':
		return compile_set(c, err);
	case '\\':
		return compile_escape(c, err);
	case '{':
		return bad(c, "counts repetitions", err);
	case '*':
	case '+':
	case '?':
		return bad(c, "repeats nothing", err);
	default:
		break;
	}
	c->at++;
	emit(c,
	     byte == '.'   ? OP_ANY
	     : byte == '^' ? OP_BEGIN
	     : byte == '$' ? OP_END
	                   : OP_BYTE,
	     byte, 0, 0);
	return true;
}

/* One atom and how often. */
static bool compile_piece(struct compiler *c, struct error *err)
{
	int start = c->p->count;

	if ((c->at[0] == '^' || c->at[0] == '$') && c->at[1] != '\0' &&
	    strchr("*+?", c->at[1]) != NULL)
		return bad(c, "repeats nothing", err);
	if (!compile_atom(c, err))
		return false;
	for (;; c->at++) {
		int n = c->p->count - start;

		if (*c->at == '*') {
			insert_split(c, start, 1);
			emit(c, OP_JUMP, 0, -(n + 1), 0);
		} else if (*c->at == '+') {
			emit(c, OP_SPLIT, 0, -n, 1);
		} else if (*c->at == '?') {
			insert_split(c, start, 0);
		} else {
			return true;
		}
	}
}

static bool compile_branch(struct compiler *c, struct error *err)
{
	while (*c->at != '\0' && *c->at != '|' && *c->at != ')')
		if (!compile_piece(c, err))
			return false;
	return true;
}

static bool compile_alternatives(struct compiler *c, struct error *err)
{
	/* Jumps from the ends of branches, each with the way to the one before. */
	int last_jump = 0;

	for (;;) {
		int start = c->p->count;

		if (!compile_branch(c, err))
			return false;
		if (*c->at != '|')
			break;
		c->at++;
		insert_split(c, start, 1);
		emit(c, OP_JUMP, 0, last_jump > 0 ? last_jump - c->p->count : 0, 0);
		last_jump = c->p->count - 1;
	}
	while (last_jump > 0) {
		struct instruction *jump = &c->p->code[last_jump];
		int before = jump->a != 0 ? last_jump + jump->a : 0;

		jump->a = (int16_t)(c->p->count - last_jump);
		last_jump = before;
	}
	return true;
}

/* Count in skipped[i] how many forward jumps go over instruction i. */
static void count_skips(int skipped[PROGRAM_MAX + 1], const struct resource_pattern *p)
{
	for (int i = 0; i < p->count; i++) {
		const struct instruction *in = &p->code[i];
		int ways[] = { in->a, in->b };

		for (int k = 0; k < 2; k++) {
			if ((in->op != OP_SPLIT && (in->op != OP_JUMP || k > 0)) ||
			    ways[k] <= 1)
				continue;
			skipped[i + 1]++;
			skipped[i + ways[k]]--;
		}
	}
	for (int i = 1; i < p->count; i++)
		skipped[i] += skipped[i - 1];
}

/*
 * The longest run of bytes that no jump goes over: most paths can be told not to
 * match by looking for it.  The first way past its first byte takes all of them.
 */
static void find_literal(struct resource_pattern *p)
{
	int skipped[PROGRAM_MAX + 1] = { 0 }, best = 0, best_n = 0, n = 0;

	count_skips(skipped, p);
	for (int i = 0; i < p->count; i++) {
		n = p->code[i].op == OP_BYTE && skipped[i] == 0 ? n + 1 : 0;
		if (n > best_n) {
			best_n = n;
			best = i + 1 - n;
		}
	}
	for (int i = 0; i < best_n; i++)
		p->literal[i] = (char)p->code[best + i].byte;
}

void drop_resource_pattern(struct resource_pattern **p)
{
	free(*p);
	*p = NULL;
}

bool resource_pattern_new(struct resource_pattern **out, const char *text,
                          struct error *err)
{
	AUTO(drop_resource_pattern)
	struct resource_pattern *p = mem_zero(1, sizeof *p);
	struct compiler c = { .p = p, .text = text, .at = text };

	if (strlen(text) > RESOURCE_PATTERN_MAX)
		return error_set(err, ERROR_LIMIT,
		                 "CodeResources: the rule \"%.80s\" has more than %d "
		                 "characters",
		                 text, RESOURCE_PATTERN_MAX);
	if (!compile_alternatives(&c, err))
		return false;
	if (*c.at != '\0')
		return bad(&c, "closes a group that is not open", err);
	emit(&c, OP_MATCH, 0, 0, 0);
	find_literal(p);
	*out = STEAL(p);
	return true;
}

/* ---- matching ---- */

/* Where all branches are at one place of the path. */
struct places {
	int16_t at[PROGRAM_MAX];
	int count;
};

struct run {
	const struct resource_pattern *p;
	uint32_t seen[PROGRAM_MAX]; /* in which round an instruction was met */
	uint32_t round;
};

/*
 * Follow what takes no character from `start` on; what takes one goes to the places.
 * True: the end of the program is reached.
 */
static bool follow(struct run *r, struct places *to, int start, bool begin, bool end)
{
	/* A step adds one at most, and each instruction takes one step a round. */
	int16_t todo[PROGRAM_MAX + 1];
	int n = 0;

	todo[n++] = (int16_t)start;
	while (n > 0) {
		int at = todo[--n];
		const struct instruction *i = &r->p->code[at];

		if (r->seen[at] == r->round)
			continue;
		r->seen[at] = r->round;
		if (i->op == OP_MATCH)
			return true;
		if (i->op == OP_BYTE || i->op == OP_ANY || i->op == OP_SET)
			to->at[to->count++] = (int16_t)at;
		else if (i->op == OP_JUMP || i->op == OP_SPLIT)
			todo[n++] = (int16_t)(at + i->a);
		else if (i->op == OP_BEGIN ? begin : end)
			todo[n++] = (int16_t)(at + 1);
		if (i->op == OP_SPLIT)
			todo[n++] = (int16_t)(at + i->b);
	}
	return false;
}

static bool takes(const struct resource_pattern *p, const struct instruction *i,
                  unsigned char byte)
{
	if (i->op == OP_SET)
		return (p->sets[i->a].bits[byte / 8] >> byte % 8 & 1) != 0;
	return i->op == OP_ANY || i->byte == byte;
}

/* One character further: from where the branches are to where those that take it go. */
static bool step(struct run *r, const struct places *now, struct places *then,
                 const char *c)
{
	r->round++;
	then->count = 0;
	for (int i = 0; i < now->count; i++) {
		int at = now->at[i];

		if (takes(r->p, &r->p->code[at], (unsigned char)*c) &&
		    follow(r, then, at + 1, false, c[1] == '\0'))
			return true;
	}
	return false;
}

bool resource_pattern_matches(const struct resource_pattern *p, const char *path)
{
	struct places places[2];
	struct places *now = &places[0], *then = &places[1];
	struct run r;

	if (strstr(path, p->literal) == NULL)
		return false;
	r.p = p;
	r.round = 1;
	memset(r.seen, 0, (size_t)p->count * sizeof r.seen[0]);
	now->count = 0;
	for (const char *c = path;; c++) {
		/* It may begin at every character. */
		if (follow(&r, now, 0, c == path, *c == '\0'))
			return true;
		if (*c == '\0' || (now->count == 0 && p->code[0].op == OP_BEGIN))
			return false;
		if (step(&r, now, then, c))
			return true;
		struct places *swap = now;
		now = then;
		then = swap;
	}
}
