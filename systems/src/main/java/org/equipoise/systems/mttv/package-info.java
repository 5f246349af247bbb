/** One transformer over image, region and text tokens with a scalable classifier. */
package org.equipoise.systems.mttv;
