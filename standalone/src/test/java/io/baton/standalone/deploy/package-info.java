/**
 * Deploying: the chart, the Compose file and the processes that they start, and replacing processes
 * while requests run.
 */
@org.jspecify.annotations.NullMarked
package io.baton.standalone.deploy;
