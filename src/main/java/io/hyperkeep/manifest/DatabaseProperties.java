package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is said of a database as a whole, which its pg_dump archive does not bring along when it is restored under another
 * name.
 *
 * @param owner the owning role
 * @param comment or null
 * @param connectionLimit sessions that are allowed at the same time, -1 for any number
 * @param tablespace where its tables are that name none, or null for the server's own
 * @param grants who may do what, by grantee and privilege; null where nobody ever granted or revoked anything
 * @param settings of the database, and of roles in it, by role and name
 */
public record DatabaseProperties(
        String owner,
        @Nullable String comment,
        int connectionLimit,
        @Nullable String tablespace,
        @Nullable List<Grant> grants,
        List<Setting> settings) {
    public DatabaseProperties {
        grants = grants == null ? null : List.copyOf(grants);
        settings = List.copyOf(settings);
    }

    /** The same of another owner, who has the rights of the former one. */
    public DatabaseProperties ownedBy(String other) {
        return new DatabaseProperties(
                other,
                comment,
                connectionLimit,
                tablespace,
                grants == null
                        ? null
                        : grants.stream()
                                .map(grant -> owner.equals(grant.grantee())
                                        ? new Grant(other, grant.privilege(), grant.grantable())
                                        : grant)
                                .toList(),
                settings);
    }

    /**
     * A right on the database.
     *
     * @param grantee a role, or null for PUBLIC
     * @param privilege e.g. {@code CONNECT}
     * @param grantable whether the role may pass it on
     */
    public record Grant(@Nullable String grantee, String privilege, boolean grantable) {}

    /**
     * A setting that sessions in the database begin with.
     *
     * @param role whose sessions, or null for everybody's
     * @param name e.g. {@code work_mem}
     * @param value as {@code pg_db_role_setting} has it
     */
    public record Setting(@Nullable String role, String name, String value) {
        /** For messages. */
        @JsonIgnore
        public String label() {
            return name + (role == null ? "" : " for role " + role);
        }
    }
}
