/** What networks minimise: scalars on the manager of their input. */
package org.equipoise.systems.losses;
