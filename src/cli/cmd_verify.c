/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - would a device admit this app?
 */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/requirementopt.h"
#include "cli/trustopt.h"
#include "cli/verdict_print.h"
#include "crypto/issue.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/pool.h"
#include "util/sniff.h"

#define CRL_MAX_BYTES ((size_t)64 << 20)
#define MAX_FREE_APPS 1000

static struct {
	const char *file, *device, *at, *roots, *crl, *requirement, *free_apps;
	bool all, no_developer_mode, not_trusted, at_signing;
} args;

static const struct operand operands[] = {
	{ .name = "FILE",
	  .text = &args.file,
	  .hint = OPT_FILE,
	  .help = "an .ipa, .app, .xcarchive, a .zip of one, or a Mach-O file" },
	{ 0 },
};

static const struct opt options[] = {
	{ .name = "device",
	  .text = &args.device,
	  .value = "UDID[=MODEL@OS]",
	  .help = "the device that is asked, such as 00008110-...=iPhone14,5@17.4" },
	{ .name = "at",
	  .text = &args.at,
	  .value = "DATE",
	  .help = "judge at this date (2027-03-02, UTC); default: now" },
	{ .name = "at-signing",
	  .flag = &args.at_signing,
	  .help = "judge at the moment each signature was made" },
	ROOTS_OPTION(args.roots),
	{ .name = "crl",
	  .text = &args.crl,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "revocation lists (one as DER, or several as PEM)" },
	{ .letter = 'R',
	  .name = "requirement",
	  .text = &args.requirement,
	  .value = "TEXT|@FILE",
	  .help = "what the app's signature must satisfy, " REQUIREMENT_HELP },
	{ .name = "no-developer-mode",
	  .flag = &args.no_developer_mode,
	  .help = "the device has Developer Mode off" },
	{ .name = "not-trusted",
	  .flag = &args.not_trusted,
	  .help = "the user has not trusted the enterprise or free developer" },
	{ .name = "free-apps",
	  .text = &args.free_apps,
	  .value = "N",
	  .help = "apps of free teams that the device has already; it takes three" },
	{ .name = "all", .flag = &args.all, .help = "print every finding" },
	{ 0 },
};

static bool read_free_apps(unsigned *out, struct error *err)
{
	char *end = NULL;

	if (args.free_apps == NULL)
		return true;
	unsigned long n = strtoul(args.free_apps, &end, 10);
	if (args.free_apps[0] < '0' || args.free_apps[0] > '9' || *end != '\0' ||
	    n > MAX_FREE_APPS)
		return error_set(err, ERROR_USAGE,
		                 "\"%s\" is no number of apps from 0 to %d",
		                 args.free_apps, MAX_FREE_APPS);
	*out = (unsigned)n;
	return true;
}

static bool judge(struct verdict *out, const struct cli *cli, struct error *err)
{
	AUTO(buf_free) struct buf crl = BUF_INIT(CRL_MAX_BYTES);
	AUTO(buf_free) struct buf requirement = BUF_INIT(REQUIREMENT_MAX_BYTES);
	AUTO(trust_free) struct trust trust = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(drop_str) char *storage = NULL;
	struct verify_request request = { .trust = &trust,
		                          .at_s = clock_now(cli->clock),
		                          .at_signing_time = args.at_signing,
		                          .threads = pool_default_threads() };

	if (args.at != NULL && !clock_parse(&request.at_s, args.at, err))
		return false;
	if (args.device != NULL &&
	    !verify_device_parse(&request.device, &storage, args.device, err))
		return false;
	if (args.requirement != NULL &&
	    !requirementopt_load(&requirement, args.requirement, err))
		return false;
	request.requirement = buf_slice(&requirement);
	if (!read_free_apps(&request.device.free_apps, err))
		return false;
	request.device.developer_mode_off = args.no_developer_mode;
	request.device.user_has_not_trusted = args.not_trusted;
	if (!trustopt_load(&trust, args.roots, err))
		return false;
	if (args.crl != NULL && !file_read(&crl, args.crl, err))
		return false;
	if (args.crl != NULL && !crl_check(buf_slice(&crl), err))
		return sniff_refused(err, "revocation list", args.crl, buf_slice(&crl));
	request.crl = buf_slice(&crl);
	if (!container_open(&c, args.file, err))
		return false;
	AUTO(drop_progress)
	struct term_progress *progress =
		output_progress(cli, "judging", container_bytes(&c));
	c.progress = progress;
	return verify_container(out, &c, &request, err);
}

static bool run(struct cli *cli, struct error *err)
{
	AUTO(verdict_free) struct verdict v = { 0 };
	const struct verdict_about about = { .file = args.file,
		                             .device = args.device,
		                             .all = args.all };

	if (!judge(&v, cli, err))
		return error_context(err, "judging \"%s\"", args.file);
	cli->answer_is_no = !verdict_is_admitted(&v);
	if (cli->json)
		return output_json(verdict_json(&v, &about), err);
	verdict_print(&v, &about);
	return true;
}

const struct command cmd_verify = {
	.name = "verify",
	.summary = "would a device admit this app? the verdict, with reasons",
	.description =
		"Judges every bundle and every piece of code in the app as iOS does when it\n"
		"installs and launches it: code pages, seals, signatures, certificates,\n"
		"profiles, entitlements.  Prints the finding that decides first in a device's\n"
		"order; --all prints the others.\n"
		"\n"
		"With -R the signature of the app itself must satisfy a code requirement too, in\n"
		"the language of codesign and csreq.\n"
		"\n"
		"Exit status 0: admitted; 1: refused; 3: the file could not be read.",
	.examples =
		"  sealring verify Shop.ipa\n"
		"  sealring verify Shop.ipa --device 00008110-000A1C2E3F4A001E=@17.4\n"
		"  sealring verify Shop.ipa --at 2027-03-02 --all --json\n"
		"  sealring verify Shop.ipa -R 'anchor apple generic and certificate "
		"leaf[subject.OU] = \"ABCDE12345\"'",
	.options = options,
	.operands = operands,
	.run = run,
};
