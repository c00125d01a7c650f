/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - would a device admit this app?
 */
#include <stdlib.h>
#include <string.h>

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
	const char *file, *device, *at, *roots, *crl, *requirement, *free_apps, *as;
	bool all, strict, no_developer_mode, not_trusted, at_signing;
} args;

static const struct operand operands[] = {
	{ .name = "FILE",
	  .text = &args.file,
	  .hint = OPT_FILE,
	  .help = "an .ipa, .app, .xcarchive, a .zip of one, or a Mach-O file" },
	{ 0 },
};

static const char *const stage_words[] = { "installd", "launch", "appstore", NULL };

static const struct opt options[] = {
	{ .name = "device",
	  .text = &args.device,
	  .value = "UDID[=MODEL@OS]",
	  .help = "the device that is asked, such as 00008110-...=iPhone14,5@17.4" },
	{ .name = "as",
	  .text = &args.as,
	  .value = "STAGE",
	  .choices = stage_words,
	  .help = "who is asked: installd, launch or appstore; default: installd, then "
	          "launch" },
	{ .name = "strict",
	  .flag = &args.strict,
	  .help = "also what only some versions of the system refuse" },
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

/* Of a word that is one of stage_words. */
static unsigned asked_stages(void)
{
	static const unsigned stages[] = { STAGE_BIT(STAGE_INSTALL),
		                           STAGE_BIT(STAGE_LAUNCH),
		                           STAGE_BIT(STAGE_STORE) };

	for (size_t i = 0; args.as != NULL && stage_words[i] != NULL; i++)
		if (strcmp(args.as, stage_words[i]) == 0)
			return stages[i];
	return STAGES_DEVICE;
}

/* What the options ask, and the bytes that the request borrows. */
struct question {
	struct verify_request request;
	struct trust trust;
	struct buf crl, requirement;
	char *device;
};

static void question_free(struct question *q)
{
	trust_free(&q->trust);
	buf_free(&q->crl);
	buf_free(&q->requirement);
	free(q->device);
}

static bool read_lists(struct question *q, struct error *err)
{
	if (args.crl == NULL)
		return true;
	if (!file_read(&q->crl, args.crl, err))
		return false;
	q->request.crl = buf_slice(&q->crl);
	return crl_check(q->request.crl, err) ||
	       sniff_refused(err, "revocation list", args.crl, q->request.crl);
}

/* q->request points into *q, which must not move. */
static bool read_question(struct question *q, const struct cli *cli, struct error *err)
{
	struct verify_request *r = &q->request;

	q->crl = BUF_INIT(CRL_MAX_BYTES);
	q->requirement = BUF_INIT(REQUIREMENT_MAX_BYTES);
	*r = (struct verify_request){ .trust = &q->trust,
		                      .at_s = clock_now(cli->clock),
		                      .at_signing_time = args.at_signing,
		                      .threads = pool_default_threads() };
	if (args.at != NULL && !clock_parse(&r->at_s, args.at, err))
		return false;
	if (args.device != NULL &&
	    !verify_device_parse(&r->device, &q->device, args.device, err))
		return false;
	if (args.requirement != NULL &&
	    !requirementopt_load(&q->requirement, args.requirement, err))
		return false;
	r->requirement = buf_slice(&q->requirement);
	r->strict = args.strict;
	r->stages = asked_stages();
	r->device.developer_mode_off = args.no_developer_mode;
	r->device.user_has_not_trusted = args.not_trusted;
	return read_free_apps(&r->device.free_apps, err) &&
	       trustopt_load(&q->trust, args.roots, err) && read_lists(q, err);
}

static bool judge(struct verdict *out, const struct cli *cli, struct error *err)
{
	AUTO(question_free) struct question q = { 0 };
	AUTO(container_close) struct container c = { 0 };

	if (!read_question(&q, cli, err) || !container_open(&c, args.file, err))
		return false;
	AUTO(drop_progress)
	struct term_progress *progress =
		output_progress(cli, "judging", container_bytes(&c));
	c.progress = progress;
	return verify_container(out, &c, &q.request, err);
}

static bool run(struct cli *cli, struct error *err)
{
	AUTO(verdict_free) struct verdict v = { 0 };
	const struct verdict_about about = { .file = args.file,
		                             .device = args.device,
		                             .stages = asked_stages(),
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
