@NullMarked
package io.baton.standalone.route;

import org.jspecify.annotations.NullMarked;
