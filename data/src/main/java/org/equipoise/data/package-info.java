/**
 * Posts as the data sets publish them: readers, canonical files, splits, the leak audit and the
 * demo posts.
 */
package org.equipoise.data;
