/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conditions of the requirement language, from text to blob (spec codesign.md
 * 4.2, 4.3).
 */
#include "codesign/requirement_parse.h"
#include "codesign/requirement_tree.h"
#include "crypto/der.h"
#include "util/bytes.h"
#include "util/clock.h"

#define HASH_BYTES 20 /* of certificates and code directories */

/* ---- tokens ---- */

bool req_next(struct req_parser *p, struct error *err)
{
	return req_lex_next(&p->lex, err);
}

bool req_at_word(const struct req_parser *p, const char *word)
{
	return req_lex_is(&p->lex, TOKEN_WORD, word);
}

bool req_at_mark(const struct req_parser *p, const char *mark)
{
	return req_lex_is(&p->lex, TOKEN_PUNCT, mark);
}

static bool is_equals(const struct req_parser *p)
{
	return req_at_mark(p, "=") || req_at_mark(p, "==");
}

bool req_expected(const struct req_parser *p, const char *what, struct error *err)
{
	return req_lex_expected(&p->lex, what, err);
}

bool req_take_mark(struct req_parser *p, const char *mark, struct error *err)
{
	return req_at_mark(p, mark) ? req_next(p, err) : req_expected(p, mark, err);
}

static bool skip_equals(struct req_parser *p, struct error *err)
{
	return !is_equals(p) || req_next(p, err);
}

bool req_at_string(const struct req_parser *p)
{
	const struct req_token *t = &p->lex.token;

	return t->kind == TOKEN_TEXT || t->kind == TOKEN_HEX ||
	       (t->kind == TOKEN_WORD && !req_is_keyword(t->value));
}

/* ---- writing ---- */

bool req_put_op(struct req_parser *p, uint32_t op, struct error *err)
{
	if (++p->nodes > REQUIREMENT_MAX_NODES)
		return error_set(err, ERROR_LIMIT,
		                 "the requirement has more than %d expressions",
		                 REQUIREMENT_MAX_NODES);
	return buf_append_be32(&p->out, op, err);
}

static bool put_data(struct req_parser *p, struct slice data, struct error *err)
{
	return req_put_data(&p->out, data, err);
}

static bool put_slot(struct req_parser *p, int32_t slot, struct error *err)
{
	return buf_append_be32(&p->out, (uint32_t)slot, err);
}

/* ---- operands ---- */

bool req_parse_string(struct req_parser *p, struct error *err)
{
	if (!req_at_string(p))
		return req_expected(p, "a string", err);
	return put_data(p, p->lex.token.value, err) && req_next(p, err);
}

static bool parse_hash(struct req_parser *p, struct error *err)
{
	const struct req_token *t = &p->lex.token;

	if (t->kind != TOKEN_HASH || t->value.n != HASH_BYTES)
		return req_expected(p, "a SHA-1 such as H\"40 hexadecimal digits\"",
		                    err);
	return put_data(p, t->value, err) && req_next(p, err);
}

bool req_parse_int32(int32_t *out, struct req_parser *p, struct error *err)
{
	bool minus = req_at_mark(p, "-");
	int64_t v = 0;

	if (minus && !req_next(p, err))
		return false;
	struct slice digits = p->lex.token.value;
	bool ok = p->lex.token.kind == TOKEN_WORD;
	for (size_t i = 0; ok && i < digits.n; i++) {
		ok = digits.p[i] >= '0' && digits.p[i] <= '9' && v <= INT32_MAX;
		v = v * 10 + (digits.p[i] - '0');
	}
	v = minus ? -v : v;
	if (!ok || v > INT32_MAX || v < INT32_MIN)
		return req_expected(p, "a number", err);
	*out = (int32_t)v;
	return req_next(p, err);
}

/* "2027-03-02", "2027-03-02T10:00:00Z" or "20270302100000Z" */
static bool read_date(int64_t *time_s, struct slice text)
{
	char copy[CLOCK_TEXT_BYTES] = "";
	struct error ignored = { 0 };

	if (req_compact_time(time_s, text))
		return true;
	if (text.n >= sizeof copy || memchr(text.p, '\0', text.n) != NULL)
		return false;
	memcpy(copy, text.p, text.n);
	return clock_parse(time_s, copy, &ignored);
}

static bool parse_date(struct req_parser *p, uint32_t match, struct error *err)
{
	int64_t time_s = 0;

	if (!req_next(p, err)) /* timestamp */
		return false;
	if (!req_at_string(p) || !read_date(&time_s, p->lex.token.value))
		return req_expected(p, "a date such as \"2027-03-02T10:00:00Z\"", err);
	return buf_append_be32(&p->out, match, err) &&
	       buf_append_be64(&p->out, (uint64_t)(time_s - REQ_EPOCH_S), err) &&
	       req_next(p, err);
}

/* = value, where stars say that more may stand before or behind. */
static bool parse_equal(struct req_parser *p, struct error *err)
{
	bool before = req_at_mark(p, "*");
	size_t at = p->out.n;

	if ((before && !req_next(p, err)) || !buf_append_be32(&p->out, 0, err) ||
	    !req_parse_string(p, err))
		return false;
	bool behind = req_at_mark(p, "*");
	store_be32(p->out.p + at, before && behind ? MATCH_CONTAINS
	                          : before         ? MATCH_ENDS
	                          : behind         ? MATCH_BEGINS
	                                           : MATCH_EQUAL);
	return !behind || req_next(p, err);
}

static bool parse_match(struct req_parser *p, struct error *err)
{
	static const struct {
		const char *mark;
		uint32_t text, date;
	} orders[] = {
		{ "<", MATCH_LESS, MATCH_BEFORE },
		{ ">", MATCH_GREATER, MATCH_AFTER },
		{ "<=", MATCH_LESS_EQUAL, MATCH_ON_OR_BEFORE },
		{ ">=", MATCH_GREATER_EQUAL, MATCH_ON_OR_AFTER },
		{ "~", MATCH_CONTAINS, MATCH_EXISTS },
	};

	if (req_at_word(p, "absent"))
		return buf_append_be32(&p->out, MATCH_ABSENT, err) && req_next(p, err);
	if (is_equals(p)) {
		if (!req_next(p, err))
			return false;
		return req_at_word(p, "timestamp") ? parse_date(p, MATCH_ON, err)
		                                   : parse_equal(p, err);
	}
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		if (!req_at_mark(p, orders[i].mark))
			continue;
		if (!req_next(p, err))
			return false;
		if (req_at_word(p, "timestamp") && orders[i].date != MATCH_EXISTS)
			return parse_date(p, orders[i].date, err);
		return buf_append_be32(&p->out, orders[i].text, err) &&
		       req_parse_string(p, err);
	}
	return buf_append_be32(&p->out, MATCH_EXISTS, err) &&
	       (!req_at_word(p, "exists") || req_next(p, err));
}

/* ---- conditions ---- */

static bool parse_plain(struct req_parser *p, uint32_t op, struct error *err)
{
	return req_put_op(p, op, err) && req_next(p, err);
}

static bool parse_named(struct req_parser *p, uint32_t op, struct error *err)
{
	return parse_plain(p, op, err) && skip_equals(p, err) &&
	       req_parse_string(p, err);
}

static bool parse_cdhash(struct req_parser *p, uint32_t op, struct error *err)
{
	return parse_plain(p, op, err) && skip_equals(p, err) && parse_hash(p, err);
}

static bool parse_keyed(struct req_parser *p, uint32_t op, struct error *err)
{
	return parse_plain(p, op, err) && req_take_mark(p, "[", err) &&
	       req_parse_string(p, err) && req_take_mark(p, "]", err) &&
	       parse_match(p, err);
}

static bool parse_platform(struct req_parser *p, uint32_t op, struct error *err)
{
	int32_t number = 0;

	if (!parse_plain(p, op, err))
		return false;
	if (!is_equals(p))
		return req_expected(p, "=", err);
	return req_next(p, err) && req_parse_int32(&number, p, err) &&
	       buf_append_be32(&p->out, (uint32_t)number, err);
}

static bool starts_with(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n > n && memcmp(s.p, prefix, n) == 0;
}

/* The dotted text behind a prefix as an OID's content. */
static bool put_oid(struct req_parser *p, size_t prefix, struct error *err)
{
	AUTO(buf_free) struct buf oid = BUF_INIT(DER_OID_MAX_BYTES);
	struct slice key = p->lex.token.value;
	struct error ignored = { 0 };
	char dotted[64] = "", again[64];

	if (key.n - prefix < sizeof dotted)
		memcpy(dotted, key.p + prefix, key.n - prefix);
	if (strlen(dotted) != key.n - prefix ||
	    !der_oid_bytes(&oid, dotted, &ignored) ||
	    !der_oid_text(again, buf_slice(&oid)))
		return req_expected(p, "an object identifier", err);
	return put_data(p, buf_slice(&oid), err);
}

/* [subject.CN], [field.1.2.840.113635.100.6.2.1], ... */
static bool parse_cert_key(struct req_parser *p, int32_t slot, struct error *err)
{
	static const struct {
		const char *prefix;
		uint32_t op;
	} kinds[] = {
		{ "field.", OP_CERT_GENERIC }, { "extension.", OP_CERT_GENERIC },
		{ "policy.", OP_CERT_POLICY }, { "timestamp.", OP_CERT_DATE },
		{ "subject.", OP_CERT_FIELD },
	};

	if (!req_take_mark(p, "[", err))
		return false;
	for (size_t i = 0; req_at_string(p) && i < ARRAY_LEN(kinds); i++) {
		if (!starts_with(p->lex.token.value, kinds[i].prefix))
			continue;
		if (!req_put_op(p, kinds[i].op, err) || !put_slot(p, slot, err))
			return false;
		bool ok = kinds[i].op == OP_CERT_FIELD
		                  ? put_data(p, p->lex.token.value, err)
		                  : put_oid(p, strlen(kinds[i].prefix), err);
		return ok && req_next(p, err) && req_take_mark(p, "]", err) &&
		       parse_match(p, err);
	}
	return req_expected(p, "subject.NAME, field.OID, policy.OID or timestamp.OID",
	                    err);
}

/* What may follow a certificate: its hash, a field, trust. */
static bool parse_cert_rest(struct req_parser *p, int32_t slot, struct error *err)
{
	if (req_at_mark(p, "["))
		return parse_cert_key(p, slot, err);
	if (req_at_word(p, "trusted"))
		return req_put_op(p, OP_TRUSTED_CERT, err) && put_slot(p, slot, err) &&
		       req_next(p, err);
	if (!is_equals(p))
		return req_expected(p, "[, = or trusted", err);
	return req_next(p, err) && req_put_op(p, OP_ANCHOR_HASH, err) &&
	       put_slot(p, slot, err) && parse_hash(p, err);
}

static bool parse_certificate(struct req_parser *p, uint32_t op, struct error *err)
{
	int32_t slot = CERT_SLOT_LEAF;

	(void)op;
	if (!req_next(p, err))
		return false;
	if (req_at_word(p, "leaf") || req_at_word(p, "root")) {
		slot = req_at_word(p, "root") ? CERT_SLOT_ANCHOR : CERT_SLOT_LEAF;
		if (!req_next(p, err))
			return false;
	} else if (!req_parse_int32(&slot, p, err)) {
		return false;
	}
	return parse_cert_rest(p, slot, err);
}

static bool parse_anchor(struct req_parser *p, uint32_t op, struct error *err)
{
	(void)op;
	if (!req_next(p, err))
		return false;
	if (req_at_word(p, "trusted"))
		return parse_plain(p, OP_TRUSTED_CERTS, err);
	if (req_at_word(p, "generic"))
		return req_next(p, err) &&
		       (req_at_word(p, "apple") ? parse_plain(p, OP_APPLE_GENERIC, err)
		                                : req_expected(p, "apple", err));
	if (!req_at_word(p, "apple"))
		return parse_cert_rest(p, CERT_SLOT_ANCHOR, err);
	if (!req_next(p, err))
		return false;
	if (req_at_word(p, "generic"))
		return parse_plain(p, OP_APPLE_GENERIC, err);
	if (req_at_string(p))
		return req_put_op(p, OP_NAMED_ANCHOR, err) && req_parse_string(p, err);
	return req_put_op(p, OP_APPLE_ANCHOR, err);
}

static const struct condition {
	const char *word;
	bool (*parse)(struct req_parser *p, uint32_t op, struct error *err);
	uint32_t op;
} conditions[] = {
	{ "always", parse_plain, OP_TRUE },
	{ "true", parse_plain, OP_TRUE },
	{ "never", parse_plain, OP_FALSE },
	{ "false", parse_plain, OP_FALSE },
	{ "notarized", parse_plain, OP_NOTARIZED },
	{ "legacy", parse_plain, OP_LEGACY_DEVID },
	{ "identifier", parse_named, OP_IDENT },
	{ "cdhash", parse_cdhash, OP_CDHASH },
	{ "info", parse_keyed, OP_INFO_FIELD },
	{ "entitlement", parse_keyed, OP_ENTITLEMENT },
	{ "platform", parse_platform, OP_PLATFORM },
	{ "anchor", parse_anchor, 0 },
	{ "certificate", parse_certificate, 0 },
	{ "cert", parse_certificate, 0 },
};

bool req_parse_condition(struct req_parser *p, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
		if (req_at_word(p, conditions[i].word))
			return conditions[i].parse(p, conditions[i].op, err);
	return req_expected(p,
	                    "a condition (identifier, anchor, certificate, info, "
	                    "entitlement, cdhash, ...)",
	                    err);
}
