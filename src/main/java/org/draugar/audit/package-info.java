/** What happened about who may what, for the admins of a family and for the operator: ids and times, and nothing else. */
package org.draugar.audit;
