/** Where models come from: folders, hubs, and what is kept of them. */
package org.equipoise.encoders.hub;
