@NullMarked
package io.baton.engine.cuda.bench;

import org.jspecify.annotations.NullMarked;
