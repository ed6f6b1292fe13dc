/** Alarms that members raise: kept for a day as events of their own, whether or not a place is known. */
package org.draugar.alarms;
