/** Tests of the data plane below the engine. */
@org.jspecify.annotations.NullMarked
package io.baton.engine.handoff;
