package io.hyperkeep.config;

/**
 * Where the daemon answers questions about itself.
 *
 * @param address the address that it listens on
 * @param port its port; 0 takes any that is free
 */
public record ManagementSettings(String address, int port) {}
