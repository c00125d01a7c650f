/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "http/http.h"

#define TIMEOUT_S 20

#ifdef __APPLE__
#define LIBRARY "libcurl.4.dylib"
#else
#define LIBRARY "libcurl.so.4"
#endif

/* The functions in use, with the types that the header gives them. */
static struct {
	bool is_there;
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *init;
	__typeof__(curl_easy_cleanup) *cleanup;
	__typeof__(curl_easy_setopt) *set;
	__typeof__(curl_easy_perform) *perform;
	__typeof__(curl_easy_getinfo) *get;
	__typeof__(curl_easy_strerror) *text;
	__typeof__(curl_slist_append) *append;
	__typeof__(curl_slist_free_all) *free_list;
} curl;

/* A function's address has the size of an object's, as POSIX wants for dlsym(). */
static bool find(void *function, void *library, const char *name)
{
	void *address = dlsym(library, name);

	memcpy(function, &address, sizeof address);
	return address != NULL;
}

/* It stays loaded until the program ends. */
static void load(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	curl.is_there = library != NULL &&
	                find(&curl.global_init, library, "curl_global_init") &&
	                find(&curl.init, library, "curl_easy_init") &&
	                find(&curl.cleanup, library, "curl_easy_cleanup") &&
	                find(&curl.set, library, "curl_easy_setopt") &&
	                find(&curl.perform, library, "curl_easy_perform") &&
	                find(&curl.get, library, "curl_easy_getinfo") &&
	                find(&curl.text, library, "curl_easy_strerror") &&
	                find(&curl.append, library, "curl_slist_append") &&
	                find(&curl.free_list, library, "curl_slist_free_all") &&
	                curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static bool need_curl(struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	if (curl.is_there)
		return true;
	error_set(err, ERROR_NOT_FOUND, "%s is needed to ask over a network", LIBRARY);
	return error_hint(err, "Install libcurl (Debian: libcurl4).");
}

static void drop_easy(CURL **easy)
{
	if (*easy != NULL)
		curl.cleanup(*easy);
}

static void drop_list(struct curl_slist **list)
{
	if (*list != NULL)
		curl.free_list(*list);
}

static bool has_scheme(const char *url)
{
	return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

/* What arrives, and why no more was taken. */
struct arriving {
	struct buf *body;
	struct error err;
};

static size_t on_bytes(char *bytes, size_t one, size_t n, void *ctx)
{
	struct arriving *a = ctx;

	return buf_append(a->body, slice_of(bytes, one * n), &a->err) ? n : 0;
}

static bool set_body(CURL *easy, struct curl_slist **headers,
                     const struct http_question *q)
{
	char type[200];
	struct curl_slist *list;

	if (q->content_type == NULL)
		return true;
	if (snprintf(type, sizeof type, "Content-Type: %s", q->content_type) >=
	    (int)sizeof type)
		return false;
	/* Else larger bodies wait for leave to be sent. */
	list = curl.append(NULL, "Expect:");
	*headers = list != NULL ? curl.append(list, type) : NULL;
	return *headers != NULL &&
	       curl.set(easy, CURLOPT_HTTPHEADER, *headers) == CURLE_OK &&
	       curl.set(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n) ==
	               CURLE_OK &&
	       curl.set(easy, CURLOPT_POSTFIELDS,
	                q->body.n > 0 ? (const char *)q->body.p : "") == CURLE_OK;
}

static bool set_up(CURL *easy, const struct http_question *q, struct arriving *arriving,
                   char why[CURL_ERROR_SIZE])
{
	long timeout_s = q->timeout_s > 0 ? (long)q->timeout_s : TIMEOUT_S;

	return curl.set(easy, CURLOPT_URL, q->url) == CURLE_OK &&
	       curl.set(easy, CURLOPT_ERRORBUFFER, why) == CURLE_OK &&
	       curl.set(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl.set(easy, CURLOPT_TIMEOUT, timeout_s) == CURLE_OK &&
	       curl.set(easy, CURLOPT_USERAGENT, "sealring/" SEALRING_VERSION) ==
	               CURLE_OK &&
	       curl.set(easy, CURLOPT_WRITEFUNCTION, on_bytes) == CURLE_OK &&
	       curl.set(easy, CURLOPT_WRITEDATA, arriving) == CURLE_OK;
}

static bool no_answer(const struct http_question *q, const char *why,
                      const struct arriving *a, struct error *err)
{
	if (a->err.code == ERROR_LIMIT) {
		error_set(err, ERROR_LIMIT, "the answer has more than %zu bytes",
		          a->body->max);
		return error_evidence(err, "of %s", q->url);
	}
	error_set(err, ERROR_NETWORK, "no answer from %s", q->url);
	error_evidence(err, "%s", why);
	error_cause(err, "There is no way to that server from here, or it is down.");
	return error_hint(err, "curl -v %s", q->url);
}

bool http_ask(unsigned *status, struct buf *body, const struct http_question *q,
              struct error *err)
{
	AUTO(drop_easy) CURL *easy = NULL;
	AUTO(drop_list) struct curl_slist *headers = NULL;
	struct arriving arriving = { .body = body };
	char why[CURL_ERROR_SIZE] = "";
	long code = 0;

	if (!has_scheme(q->url))
		return error_set(err, ERROR_USAGE,
		                 "this is no http or https URL: \"%s\"", q->url);
	if (!need_curl(err))
		return false;
	body->max = q->max_bytes > 0 ? q->max_bytes : HTTP_MAX_ANSWER;
	easy = curl.init();
	if (easy == NULL || !set_up(easy, q, &arriving, why) ||
	    !set_body(easy, &headers, q))
		return error_set(err, ERROR_NETWORK,
		                 "could not set up the request to %s", q->url);
	CURLcode result = curl.perform(easy);
	if (result != CURLE_OK)
		return no_answer(q, why[0] != '\0' ? why : curl.text(result), &arriving,
		                 err);
	if (curl.get(easy, CURLINFO_RESPONSE_CODE, &code) != CURLE_OK)
		return no_answer(q, "no status", &arriving, err);
	*status = (unsigned)code;
	return true;
}
