/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources_impl.h - the resources of the API as data (spec asc.md section 1 and
 * Appendix A), for portal/ only.
 */
#pragma once

#include "authority/authority.h"

enum resource_name {
	RESOURCE_BUNDLE_IDS,
	RESOURCE_CAPABILITIES,
	RESOURCE_CERTIFICATES,
	RESOURCE_DEVICES,
	RESOURCE_PROFILES,
	RESOURCE_MERCHANT_IDS,
	RESOURCE_PASS_TYPE_IDS,
	RESOURCE_COUNT
};

struct attribute {
	const char *name;
	enum {
		ATTRIBUTE_TEXT,
		ATTRIBUTE_TIME,
		ATTRIBUTE_BYTES,
		ATTRIBUTE_JSON, /* stored as such */
		ATTRIBUTE_NULL, /* always null: old clients want to see it */
	} kind;
};

#define MAX_RELATIONS 4

struct relation {
	const char *name;
	const char *type; /* of what it leads to */
	int target;       /* an enum resource_name; -1: the portal has none of these */
	bool is_many;
	enum authority_link link; /* unused where target is -1 */
	bool is_searchable; /* related: filter, sort, include as for a collection */
};

struct filter {
	const char *name;
	enum {
		FILTER_EXACT,
		FILTER_CONTAINS, /* whatever the case */
		FILTER_UDID,
		FILTER_SERIAL,
		FILTER_PLATFORM, /* UNIVERSAL fits all */
	} how;
	const char *const *words; /* what it may be, NULL-terminated; NULL: anything */
};

struct call;
struct resource {
	const char *type; /* "devices" */
	enum authority_source source;
	const char *shown;                  /* SQL: what a collection leaves out; "" */
	const struct attribute *attributes; /* ends with a NULL name, as all of these */
	const struct relation *relations;
	const struct filter *filters;
	const char *const *sorts;
	bool has_collection, has_instance;
	bool (*create)(struct call *c);
	bool (*update)(struct call *c);
	bool (*remove)(struct call *c);
};
extern const struct resource resources[RESOURCE_COUNT];
/* What a relationship leads to that is not kept here: no fields, no filters. */
extern const struct resource resource_none;

/* NULL: there is none. */
const struct resource *resource_find(const char *type);
const struct relation *relation_find(const struct resource *r, const char *name);
size_t attribute_count(const struct resource *r);
size_t relation_count(const struct resource *r);
/* The bit of a field: of an attribute, or of a relationship above them; 0: none. */
uint32_t field_bit(const struct resource *r, const char *name);
static inline uint32_t relation_bit(size_t index)
{
	return (uint32_t)1 << (16 + index);
}

/* Words of enumerations that bodies use too. */
extern const char *const words_platform[];
extern const char *const words_profile_type[];
extern const char *const words_certificate_type[];
extern const char *const words_status[];
bool is_word(const char *const *words, const char *word);
