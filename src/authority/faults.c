/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures that are asked for: how clients take them is what people want to see
 * (spec asc.md 3.4).
 */
#include "authority/authority_impl.h"

bool authority_fault_set(struct authority *a, unsigned status, unsigned count,
                         struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const struct db_value args[] = { DB_INT_OF(status), DB_INT_OF(count) };

	return db_begin(&tx, a->db, err) &&
	       db_run(a->db, "DELETE FROM fault", NULL, 0, NULL, err) &&
	       (count == 0 ||
	        db_run(a->db, "INSERT INTO fault (status, remaining) VALUES ($1, $2)",
	               args, ARRAY_LEN(args), NULL, err)) &&
	       db_commit(&tx, err);
}

/* Nearly always there is none: only then something is written. */
bool authority_fault_take(unsigned *status, struct authority *a, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	int64_t found = 0;

	*status = 0;
	if (!count_rows(&found, a, "SELECT count(*) FROM fault WHERE remaining > 0",
	                NULL, 0, err))
		return false;
	if (found == 0)
		return true;
	if (!db_begin(&tx, a->db, err) ||
	    !count_rows(&found, a, "SELECT status FROM fault WHERE remaining > 0", NULL,
	                0, err) ||
	    !db_run(a->db,
	            "UPDATE fault SET remaining = remaining - 1 WHERE remaining > 0",
	            NULL, 0, NULL, err) ||
	    !db_commit(&tx, err))
		return false;
	*status = (unsigned)found;
	return true;
}
