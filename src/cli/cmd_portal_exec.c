/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal exec - run a program for which the embedded portal is App Store Connect
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/isolate.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "cli/portalserver.h"
#include "cli/service.h"
#include "crypto/cert.h"
#include "http/proxy.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/temp.h"

#define ROOTS_MAX_BYTES ((size_t)8 << 20)

#ifdef __APPLE__
extern char **environ; /* its unistd.h has none */
#endif

static struct {
	const char *data;
	struct opt_list command;
	bool strict, isolate;
} args;

static const struct operand operands[] = {
	{ .name = "COMMAND",
	  .list = &args.command,
	  .help = "the program and its arguments, behind --" },
	{ 0 },
};

static const struct opt options[] = {
	PORTAL_DATA_OPTION(args.data, "data folder of the portal"),
	{ .name = "strict",
	  .flag = &args.strict,
	  .help = "refuse unknown members of requests, as Apple does" },
	{ .name = "isolate",
	  .flag = &args.isolate,
	  .help = "without any other network (Linux)" },
	{ 0 },
};

static const char *const hosts[] = { "api.appstoreconnect.apple.com",
	                             "api.enterprise.developer.apple.com", NULL };

/* ---- whom the program trusts ---- */

/* Those of the system, where one of the usual places has them. */
static bool add_system_roots(struct buf *out, struct error *err)
{
	const char *const places[] = { getenv("SSL_CERT_FILE"),
		                       "/etc/ssl/certs/ca-certificates.crt",
		                       "/etc/pki/tls/certs/ca-bundle.crt",
		                       "/etc/ssl/cert.pem" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (places[i] != NULL && access(places[i], R_OK) == 0)
			return file_read(out, places[i], err);
	return true;
}

static bool write_roots(const char *path, struct error *err)
{
	AUTO(buf_free) struct buf all = BUF_INIT(ROOTS_MAX_BYTES);
	AUTO(buf_free) struct buf own = BUF_INIT(CERT_MAX_BYTES);
	AUTO(drop_str) char *ca = mem_format("%s/tls-ca.pem", args.data);

	return add_system_roots(&all, err) && file_read(&own, ca, err) &&
	       buf_append_str(&all, "\n", err) &&
	       buf_append(&all, buf_slice(&own), err) &&
	       file_write(path, buf_slice(&all), 0600, true, err);
}

/* ---- what the program finds around it ---- */

struct surroundings {
	char *folder; /* temporary, ours; NULL: none yet */
	int lock;
	char *roots, *hosts; /* files in it */
	struct portalserver portal;
	struct http_proxy *proxy;
	char **env; /* ours behind the caller's; NULL-terminated */
	size_t count, cap;
};

static void surroundings_end(struct surroundings *s)
{
	http_proxy_stop(&s->proxy);
	portalserver_close(&s->portal);
	if (s->folder != NULL) {
		temp_remove(s->folder);
		drop_fd(&s->lock);
	}
	free(s->folder);
	free(s->roots);
	free(s->hosts);
	for (size_t i = 0; i < s->count; i++)
		free(s->env[i]);
	free(s->env);
}

static void add_env(struct surroundings *s, char *text)
{
	s->env = mem_grow(s->env, s->count, &s->cap, sizeof *s->env);
	s->env[s->count] = text;
	s->count += text != NULL;
}

PRINTF_LIKE(3, 4)
static void set_env(struct surroundings *s, const char *name, const char *fmt, ...)
{
	size_t n = strlen(name);
	va_list ap;

	va_start(ap, fmt);
	AUTO(drop_str) char *value = mem_vformat(fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < s->count; i++)
		if (strncmp(s->env[i], name, n) == 0 && s->env[i][n] == '=') {
			free(s->env[i]);
			s->env[i] = mem_format("%s=%s", name, value);
			return;
		}
	add_env(s, mem_format("%s=%s", name, value));
}

static bool is_proxy_variable(const char *text)
{
	static const char *const names[] = { "http_proxy=", "https_proxy=",
		                             "all_proxy=" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strncasecmp(text, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* Ours, and the one that it names: the password of the keys is not for the program. */
static bool is_password_variable(const char *text)
{
	static const char ours[] = "SEALRING_CA_PASSWORD=", by[] = "@env:";
	const char *spec = getenv("SEALRING_CA_PASSWORD");
	size_t n = spec != NULL && strncmp(spec, by, sizeof by - 1) == 0
	                   ? strlen(spec) - (sizeof by - 1)
	                   : 0;

	return strncmp(text, ours, sizeof ours - 1) == 0 ||
	       (n > 0 && strncmp(text, spec + sizeof by - 1, n) == 0 && text[n] == '=');
}

/* Each kind of client has names of its own. */
static void make_env(struct surroundings *s)
{
	static const char *const roots[] = { "SSL_CERT_FILE", "CURL_CA_BUNDLE",
		                             "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO",
		                             "NODE_EXTRA_CA_CERTS" };
	static const char *const proxies[] = {
		"http_proxy", "https_proxy", "all_proxy",
		"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"
	};

	for (char **e = environ; *e != NULL; e++)
		if (!is_proxy_variable(*e) && !is_password_variable(*e))
			add_env(s, mem_copy(*e));
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		set_env(s, roots[i], "%s", s->roots);
	if (s->proxy != NULL) {
		for (size_t i = 0; i < ARRAY_LEN(proxies); i++)
			set_env(s, proxies[i], "http://127.0.0.1:%u",
			        (unsigned)http_proxy_port(s->proxy));
		set_env(s, "NODE_USE_ENV_PROXY", "1");
	}
	set_env(s, "SEALRING_PORTAL", "https://127.0.0.1:%u",
	        (unsigned)http_server_port(s->portal.server));
	add_env(s, NULL);
}

static void on_refused(void *ctx, const char *where)
{
	const struct cli *cli = ctx;

	output_say(
		cli,
		"refused  %s: only Apple's API is here; NO_PROXY lets others through",
		where);
}

static bool make_folder(struct surroundings *s, struct error *err)
{
	const char *tmp = getenv("TMPDIR");

	s->lock = temp_folder(&s->folder, tmp != NULL ? tmp : "/tmp");
	if (s->lock < 0) {
		s->folder = NULL;
		return error_set_errno(err,
		                       "could not make a temporary folder in \"%s\"",
		                       tmp != NULL ? tmp : "/tmp");
	}
	s->roots = mem_format("%s/" TEMP_NEW "/roots.pem", s->folder);
	s->hosts = mem_format("%s/" TEMP_NEW "/hosts", s->folder);
	return true;
}

static bool leave_network(const struct surroundings *s, struct error *err)
{
	AUTO(drop_str)
	char *text = mem_format("127.0.0.1 localhost\n::1 localhost\n"
	                        "127.0.0.1 %s\n127.0.0.1 %s\n",
	                        hosts[0], hosts[1]);

	return !args.isolate || isolate_begin(text, s->hosts, err);
}

static bool surround(struct surroundings *s, struct cli *cli, struct error *err)
{
	const struct portalserver_how how = { .data = args.data,
		                              .host = "127.0.0.1",
		                              .port = args.isolate ? 443 : 0,
		                              .socket = -1,
		                              .is_strict = args.strict };

	if (!make_folder(s, err) || !leave_network(s, err) ||
	    !portalserver_open(&s->portal, cli, &how, err) ||
	    !write_roots(s->roots, err))
		return false;
	const struct http_proxy_options proxy = { .hosts = hosts,
		                                  .to_port = http_server_port(
							  s->portal.server),
		                                  .on_refused = on_refused,
		                                  .ctx = cli };
	/* Isolated, the hosts' names lead here by themselves. */
	if (!args.isolate && !http_proxy_start(&s->proxy, &proxy, err))
		return false;
	make_env(s);
	return true;
}

/* ---- the program ---- */

static bool cannot_run(const char *name, int why, struct error *err)
{
	errno = why;
	if (why != ENOENT)
		return error_set_errno(err, "could not run \"%s\"", name);
	error_set(err, ERROR_NOT_FOUND, "there is no program \"%s\"", name);
	return error_hint(err,
	                  "Name the program behind --: sealring portal exec --data "
	                  "DIR -- fastlane match development");
}

/* With the signals as our caller had them. */
static bool spawn(pid_t *pid, const struct surroundings *s, struct error *err)
{
	posix_spawnattr_t how;
	sigset_t none, usual;
	char **argv = mem_zero(args.command.count + 1, sizeof *argv);

	for (size_t i = 0; i < args.command.count; i++)
		argv[i] = mem_copy(args.command.items[i]);
	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	int why = posix_spawnattr_init(&how);
	if (why == 0) {
		(void)posix_spawnattr_setsigmask(&how, &none);
		(void)posix_spawnattr_setsigdefault(&how, &usual);
		(void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK |
		                                             POSIX_SPAWN_SETSIGDEF);
		why = posix_spawnp(pid, argv[0], NULL, &how, argv, s->env);
		posix_spawnattr_destroy(&how);
	}
	for (size_t i = 0; i < args.command.count; i++)
		free(argv[i]);
	free(argv);
	return why == 0 || cannot_run(args.command.items[0], why, err);
}

/* Its end; SIGTERM goes on to it, and SIGINT, which a terminal sends it anyway. */
static int wait_for(pid_t pid)
{
	sigset_t set;
	int status = 0, number = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	while (waitpid(pid, &status, WNOHANG) == 0)
		if (sigwait(&set, &number) == 0 && number == SIGTERM)
			kill(pid, number);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool block_child_signal(struct error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return pthread_sigmask(SIG_BLOCK, &set, NULL) == 0 ||
	       error_set(err, ERROR_INTERNAL, "could not block signals");
}

static bool run_command(struct cli *cli, struct error *err)
{
	AUTO(surroundings_end) struct surroundings s = { 0 };
	pid_t pid = 0;

	if (!service_begin(err) || !block_child_signal(err) ||
	    !surround(&s, cli, err) || !spawn(&pid, &s, err))
		return false;
	cli->exit_status = wait_for(pid);
	return true;
}

static bool run(struct cli *cli, struct error *err)
{
	bool ok = run_command(cli, err);

	opt_list_free(&args.command);
	return ok || error_context(err, "running a program with the portal in \"%s\"",
	                           args.data);
}

const struct command cmd_portal_exec = {
	.name = "portal exec",
	.summary = "run a program for which the portal is App Store Connect",
	.description =
		"The program is not changed and need not know: what it asks of Apple's API\n"
		"(api.appstoreconnect.apple.com, api.enterprise.developer.apple.com) the portal\n"
		"answers.  It gets a proxy that leads there and nowhere else, and a list of roots\n"
		"that has the portal's beside the system's, by the variables that curl, Ruby,\n"
		"Python, Go, git and node read.  NO_PROXY stays as it is: hosts in it are asked\n"
		"directly.  Programs that heed no proxy are reached with --isolate: no other\n"
		"network is there then, and the two names lead to the portal.\n"
		"\n"
		"Exit status: the program's.",
	.examples =
		"  sealring portal exec --data portal -- fastlane match development\n"
		"  sealring portal exec --data portal --isolate -- node upload.mjs",
	.options = options,
	.operands = operands,
	.run = run,
};
