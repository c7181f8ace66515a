package io.hyperkeep.schema;

/**
 * An object of a database, by the one name that is never ambiguous.
 *
 * @param catalog oid of the catalog that it is in, e.g. 1259 for pg_class
 * @param oid its own oid
 */
record CatalogObject(long catalog, long oid) {}
