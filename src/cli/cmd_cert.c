/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert request, cert list, cert get, cert revoke, cert match - certificates
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/identityopt.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/portalopt.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/sniff.h"
#include "util/term.h"

static struct {
	const char *csr, *type, *portal, *serial, *cert, *key, *password;
	struct output out;
	bool all;
} args;

static const char *const types[] = { "development", "distribution", "enterprise",
	                             NULL };

static json_t *cert_json(const struct authority_cert *c)
{
	char created[CLOCK_TEXT_BYTES], expires[CLOCK_TEXT_BYTES];

	clock_format_time(created, c->created_s);
	clock_format_time(expires, c->expires_s);
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:b}", "id", c->id, "type",
	                 authority_cert_word(c->type), "name", jsonio_text(c->name),
	                 "serial", c->serial, "created", created, "expires", expires,
	                 "revoked", c->revoked_s != 0);
}

/* ---- request ---- */

static const struct operand request_operands[] = {
	{ .name = "CSR",
	  .text = &args.csr,
	  .hint = OPT_FILE,
	  .help = "the certificate request, PEM or DER" },
	{ 0 },
};

static const struct opt request_options[] = {
	{ .name = "type",
	  .text = &args.type,
	  .value = "TYPE",
	  .choices = types,
	  .is_required = true,
	  .help = "what the certificate is for" },
	PORTAL_OPTION(args.portal),
	OUTPUT_OPTION(args.out, "where the certificate goes (DER)"),
	FORCE_OPTION(args.out),
	{ 0 },
};

static enum authority_cert_type parse_type(const char *word)
{
	enum authority_cert_type type = AUTHORITY_CERT_DEVELOPMENT;

	/* The option table allows these words only. */
	while (type + 1 < AUTHORITY_CERT_COUNT &&
	       strcmp(authority_cert_word(type), word) != 0)
		type++;
	return type;
}

/* What the portal has given can be fetched again. */
static bool save_cert(const struct cli *cli, const struct authority_cert *c,
                      struct error *err)
{
	if (output_write(cli, &args.out, c->der, 0644, err))
		return true;
	error_hint_instead(err, "sealring cert get --serial %s --portal %s -o FILE",
	                   c->serial, args.portal);
	return error_context(err, "saving the certificate %s", c->serial);
}

static bool run_request(struct cli *cli, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(CSR_MAX_BYTES);
	AUTO(csr_free) struct csr csr = { 0 };
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_cert_list_free) struct authority_cert_list issued = { 0 };
	char until[CLOCK_TEXT_BYTES];

	if (!file_read(&file, args.csr, err))
		return false;
	if (!csr_parse(&csr, buf_slice(&file), err))
		return sniff_refused(err, "request", args.csr, buf_slice(&file));
	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !output_check(cli, &args.out, err) ||
	    !authority_cert_issue(&issued, portal, &csr, parse_type(args.type), false,
	                          err) ||
	    !save_cert(cli, &issued.items[0], err))
		return error_context(err, "asking for a %s certificate", args.type);
	const struct authority_cert *c = &issued.items[0];
	if (cli->json)
		return output_made_json(&args.out, "certificate", cert_json(c), err);
	clock_format_date(until, c->expires_s);
	output_made(cli, &args.out, "issued   %s  %s", args.out.path, c->name);
	output_made(cli, &args.out, "         serial %s, until %s", c->serial, until);
	output_say(cli,
	           "next:    sealring p12 make -k KEY -c %s --portal %s -o dist.p12",
	           output_name(&args.out), args.portal);
	return true;
}

/* ---- list ---- */

static const struct opt list_options[] = {
	PORTAL_OPTION(args.portal),
	{ .name = "all", .flag = &args.all, .help = "revoked ones too" },
	{ 0 },
};

static void add_row(struct term_table *table, const struct authority_cert *c,
                    int64_t now_s)
{
	char until[CLOCK_TEXT_BYTES];
	const char *state = "current";
	enum term_style style = TERM_OK;

	clock_format_date(until, c->expires_s);
	if (c->revoked_s != 0 || c->expires_s <= now_s) {
		state = c->revoked_s != 0 ? "revoked" : "expired";
		style = TERM_BAD;
	}
	term_table_row(table, TERM_PLAIN, 5,
	               (const char *const[]){ c->serial, authority_cert_word(c->type),
	                                      until, state, c->name });
	term_table_style(table, 3, style);
}

static bool run_list(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_cert_list_free) struct authority_cert_list certs = { 0 };
	AUTO(term_table_free) struct term_table table = { 0 };
	AUTO(drop_json) json_t *list = json_array();

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_cert_all(&certs, portal, args.all, err))
		return false;
	for (size_t i = 0; i < certs.count; i++)
		json_array_append_new(list, cert_json(&certs.items[i]));
	if (cli->json)
		return output_json(json_pack("{s:O}", "certificates", list), err);
	if (certs.count == 0) {
		output_say(cli,
		           "no certificates yet: sealring cert request CSR --type "
		           "distribution --portal %s -o dist.cer",
		           args.portal);
		return true;
	}
	term_table_row(&table, TERM_HEAD, 5,
	               (const char *const[]){ "SERIAL", "TYPE", "UNTIL", "STATE",
	                                      "NAME" });
	for (size_t i = 0; i < certs.count; i++)
		add_row(&table, &certs.items[i], clock_now(cli->clock));
	term_table_print(&table, stdout, 0);
	return true;
}

/* ---- get ---- */

static const struct opt get_options[] = {
	PORTAL_OPTION(args.portal),
	{ .name = "serial",
	  .text = &args.serial,
	  .value = "SERIAL",
	  .is_required = true,
	  .help = "of the certificate, as \"cert list\" prints it" },
	OUTPUT_OPTION(args.out, "where the certificate goes (DER)"),
	FORCE_OPTION(args.out),
	{ 0 },
};

static bool run_get(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_cert_list_free) struct authority_cert_list found = { 0 };

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_cert_find(&found, portal, args.serial, err) ||
	    !output_write(cli, &args.out, found.items[0].der, 0644, err))
		return error_context(err, "fetching the certificate %s", args.serial);
	if (cli->json)
		return output_made_json(&args.out, "certificate",
		                        cert_json(&found.items[0]), err);
	output_made(cli, &args.out, "saved    %s  %s", args.out.path,
	            found.items[0].name);
	return true;
}

/* ---- revoke ---- */

static const struct opt revoke_options[] = {
	PORTAL_OPTION(args.portal),
	{ .name = "serial",
	  .text = &args.serial,
	  .value = "SERIAL",
	  .is_required = true,
	  .help = "of the certificate, as \"cert list\" prints it" },
	{ 0 },
};

static bool run_revoke(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	char question[200];
	size_t affected = 0;

	snprintf(
		question, sizeof question,
		"Revoke %s?  Every profile that lists it becomes invalid, and in-house "
		"apps signed with it stop.",
		args.serial);
	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !output_confirm(cli, question, err) ||
	    !authority_cert_revoke(portal, args.serial, &affected, err))
		return error_context(err, "revoking certificate %s", args.serial);
	AUTO(drop_str) char *crl = authority_crl_path(portal);
	if (cli->json)
		return output_json(json_pack("{s:o, s:I, s:o}", "revoked",
		                             jsonio_text(args.serial),
		                             "profiles_invalid", (json_int_t)affected,
		                             "crl", jsonio_text(crl)),
		                   err);
	output_line("revoked  %s", args.serial);
	output_line("         %zu %s now invalid", affected,
	            plural(affected, "profile is", "profiles are"));
	output_line("list     %s", crl);
	output_say(cli,
	           "next:    sealring verify APP.ipa --roots %s/roots.pem --crl %s",
	           args.portal, crl);
	return true;
}

/* ---- match ---- */

static const struct operand match_operands[] = {
	{ .name = "CERT",
	  .text = &args.cert,
	  .hint = OPT_FILE,
	  .help = "a certificate" },
	{ .name = "KEY", .text = &args.key, .hint = OPT_FILE, .help = "a private key" },
	{ 0 },
};

static const struct opt match_options[] = {
	PASSWORD_OPTION(args.password, PASSWORD_HELP),
	{ 0 },
};

static bool run_match(struct cli *cli, struct error *err)
{
	AUTO(cert_free) struct cert cert = { 0 };
	AUTO(key_free) struct key key = { 0 };

	if (!identityopt_cert(&cert, args.cert, err) ||
	    !identityopt_key(&key, args.key, args.password, err))
		return false;
	bool matches = cert_matches_key(&cert, &key);
	cli->answer_is_no = !matches;
	if (cli->json)
		return output_json(json_pack("{s:b}", "matches", matches), err);
	if (matches)
		output_line("OK   the key belongs to the certificate \"%s\"", cert.cn);
	else
		output_line("BAD  the key does not belong to the certificate \"%s\"\n"
		            "     It was issued for a request made with another key.",
		            cert.cn);
	return true;
}

const struct command cmd_cert_request = {
	.name = "cert request",
	.summary = "have the portal issue a certificate",
	.examples =
		"  sealring cert request dist.csr --type distribution --portal portal -o "
		"dist.cer",
	.options = request_options,
	.operands = request_operands,
	.run = run_request,
};

const struct command cmd_cert_list = {
	.name = "cert list",
	.summary = "list the portal's certificates",
	.options = list_options,
	.operands = no_operands,
	.run = run_list,
};

const struct command cmd_cert_get = {
	.name = "cert get",
	.summary = "fetch a certificate from the portal again",
	.options = get_options,
	.operands = no_operands,
	.run = run_get,
};

const struct command cmd_cert_revoke = {
	.name = "cert revoke",
	.summary = "revoke a certificate; nothing else ever does",
	.options = revoke_options,
	.operands = no_operands,
	.run = run_revoke,
};

const struct command cmd_cert_match = {
	.name = "cert match",
	.summary = "does this key belong to this certificate?",
	.examples = "  sealring cert match dist.cer dist.key",
	.options = match_options,
	.operands = match_operands,
	.run = run_match,
};
