/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "util/pool.h"

#define CONNECTION_BYTES ((size_t)32 << 10) /* of a connection's headers */
#define MAX_CONNECTIONS  1000
#define TIMEOUT_S        30
/* Connections stay with the thread that took them, and one may take several. */
#define THREADS 4 /* for each processor */
/* A client that goes on after this many bytes too many is cut off. */
#define SKIPPED_MAX ((uint64_t)HTTP_MAX_BODY * 8)

struct http_server {
	struct MHD_Daemon *daemon;
	http_handler *handler;
	void *ctx;
	bool is_tls;
};

/* A request on its way in. */
struct incoming {
	struct buf body;
	uint64_t skipped; /* bytes of the body that were not kept */
};

static void drop_response(struct MHD_Response **response)
{
	if (*response != NULL)
		MHD_destroy_response(*response);
}

/* ---- in ---- */

struct collecting {
	struct http_request *request;
	struct http_parameter *parameters;
};

static enum MHD_Result collect(void *ctx, enum MHD_ValueKind kind, const char *key,
                               size_t key_size, const char *value, size_t value_size)
{
	struct collecting *c = ctx;
	struct http_request *r = c->request;

	(void)kind;
	if (value == NULL)
		value = "";
	if (strlen(key) != key_size || strlen(value) != value_size) {
		r->problem = HTTP_BAD_TEXT;
		return MHD_NO;
	}
	if (r->parameter_count == HTTP_MAX_PARAMETERS) {
		r->problem = HTTP_TOO_MANY_PARAMETERS;
		return MHD_NO;
	}
	c->parameters[r->parameter_count++] =
		(struct http_parameter){ .name = key, .value = value };
	return MHD_YES;
}

static void add_chunk(struct incoming *in, const char *data, size_t n)
{
	struct error ignored = { 0 };

	if (in->skipped > 0 || !buf_append(&in->body, slice_of(data, n), &ignored))
		in->skipped += n;
}

/* ---- out ---- */

static struct MHD_Response *make_response(struct http_answer *a)
{
	/* libmicrohttpd frees the bytes. */
	struct MHD_Response *response =
		MHD_create_response_from_buffer(a->body.n, STEAL(a->body.p),
	                                        MHD_RESPMEM_MUST_FREE);

	if (response == NULL)
		return NULL;
	if (a->content_type != NULL)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
		                        a->content_type);
	for (size_t i = 0; i < a->header_count; i++)
		MHD_add_response_header(response, a->headers[i].name,
		                        a->headers[i].value);
	return response;
}

static enum MHD_Result answer(struct http_server *server, struct MHD_Connection *c,
                              const char *path, const char *method,
                              const struct incoming *in)
{
	AUTO(http_answer_free) struct http_answer a = { 0 };
	struct http_parameter parameters[HTTP_MAX_PARAMETERS];
	struct http_request request = {
		.problem = in->skipped > 0 ? HTTP_BODY_TOO_LARGE : HTTP_NO_PROBLEM,
		.method = method,
		.path = path,
		.parameters = parameters,
		.host = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
		                                    MHD_HTTP_HEADER_HOST),
		.authorization =
			MHD_lookup_connection_value(c, MHD_HEADER_KIND,
		                                    MHD_HTTP_HEADER_AUTHORIZATION),
		.is_tls = server->is_tls,
		.body = buf_slice(&in->body),
	};
	struct collecting collecting = { &request, parameters };

	MHD_get_connection_values_n(c, MHD_GET_ARGUMENT_KIND, collect, &collecting);
	a.body.max = HTTP_MAX_ANSWER;
	server->handler(server->ctx, &request, &a);
	AUTO(drop_response) struct MHD_Response *response = make_response(&a);
	return response == NULL ? MHD_NO : MHD_queue_response(c, a.status, response);
}

/* Called for the headers, for each piece of the body, and at its end. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *path,
                                  const char *method, const char *version,
                                  const char *data, size_t *data_size, void **state)
{
	struct incoming *in = *state;

	(void)version;
	if (in == NULL) {
		in = mem_zero(1, sizeof *in);
		in->body.max = HTTP_MAX_BODY;
		*state = in;
		return MHD_YES;
	}
	if (*data_size == 0)
		return answer(ctx, c, path, method, in);
	add_chunk(in, data, *data_size);
	*data_size = 0;
	return in->skipped <= SKIPPED_MAX ? MHD_YES : MHD_NO;
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode why)
{
	struct incoming *in = *state;

	(void)ctx;
	(void)c;
	(void)why;
	if (in == NULL)
		return;
	buf_free(&in->body);
	free(in);
	*state = NULL;
}

/* ---- the server ---- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool read_address(union address *out, const char *host, uint16_t port,
                         struct error *err)
{
	if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		return true;
	}
	if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(port);
		return true;
	}
	error_set(err, ERROR_USAGE, "this is no address to listen on: \"%s\"", host);
	return error_hint(err, "An address is like 127.0.0.1 or ::1.");
}

static bool cannot_listen(const struct http_server_options *o, struct error *err)
{
	int why = errno;

	if (why == EADDRINUSE) {
		error_set(err, ERROR_EXISTS, "port %u of %s is taken",
		          (unsigned)o->port, o->host);
		error_cause(err, "Another program, or another portal, listens there.");
		return error_hint(err, "Name another one with --listen %s:PORT.",
		                  o->host);
	}
	if (why == 0) {
		error_set(err, ERROR_IO, "could not start the server on %s", o->host);
		return error_cause(err,
		                   "The certificate and the key do not fit, or the "
		                   "system has no room for more threads.");
	}
	return error_set_errno(err, "could not listen on port %u of %s",
	                       (unsigned)o->port, o->host);
}

static struct MHD_Daemon *start(struct http_server *server,
                                const struct http_server_options *o,
                                const union address *address)
{
	unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD;
	unsigned threads =
		o->threads > 0 ? o->threads : THREADS * pool_default_threads();
	struct MHD_OptionItem more[4];
	size_t n = 0;

	if (address->any.sa_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	if (o->socket >= 0)
		more[n++] = (struct MHD_OptionItem){ MHD_OPTION_LISTEN_SOCKET,
			                             o->socket, NULL };
	if (o->cert_pem != NULL) {
		/* libmicrohttpd only reads them, but wants them unqualified. */
		char *cert, *key;

		memcpy(&cert, &o->cert_pem, sizeof cert);
		memcpy(&key, &o->key_pem, sizeof key);
		flags |= MHD_USE_TLS;
		more[n++] =
			(struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, cert };
		more[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, key };
	}
	more[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	errno = 0;
	return MHD_start_daemon(flags, o->port, NULL, NULL, on_request, server,
	                        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
	                        MHD_OPTION_SOCK_ADDR, &address->any,
	                        MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0u,
	                        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
	                        MHD_OPTION_CONNECTION_LIMIT,
	                        o->max_connections > 0 ? o->max_connections
	                                               : (unsigned)MAX_CONNECTIONS,
	                        MHD_OPTION_CONNECTION_TIMEOUT,
	                        o->timeout_s > 0 ? o->timeout_s : (unsigned)TIMEOUT_S,
	                        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, more,
	                        MHD_OPTION_END);
}

bool http_server_start(struct http_server **out,
                       const struct http_server_options *options, http_handler *handler,
                       void *ctx, struct error *err)
{
	AUTO(http_server_stop) struct http_server *server = mem_zero(1, sizeof *server);
	union address address = { 0 };

	server->handler = handler;
	server->ctx = ctx;
	server->is_tls = options->cert_pem != NULL;
	if (!read_address(&address, options->host, options->port, err))
		return false;
	server->daemon = start(server, options, &address);
	if (server->daemon == NULL)
		return cannot_listen(options, err);
	*out = STEAL(server);
	return true;
}

uint16_t http_server_port(const struct http_server *server)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info == NULL ? 0 : info->port;
}

void http_server_stop(struct http_server **server)
{
	if (*server == NULL)
		return;
	if ((*server)->daemon != NULL)
		MHD_stop_daemon((*server)->daemon);
	free(*server);
	*server = NULL;
}
