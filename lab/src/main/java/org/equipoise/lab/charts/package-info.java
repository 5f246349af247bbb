/** Charts as SVG whose colours follow the page that shows them, light or dark. */
package org.equipoise.lab.charts;
