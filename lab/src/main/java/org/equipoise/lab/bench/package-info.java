/** What {@code bench} measures: how fast this machine trains, scores, encodes and decodes. */
package org.equipoise.lab.bench;
